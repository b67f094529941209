"""Watches: rechecks with growing pauses until the problem is gone, and an e-mail when it is.

verdict.py says whether it is gone, recheck.py whether to look on.
"""

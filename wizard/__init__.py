"""The self-check for customers: runs as rows, reports in words, pages, watches, mailbox tests.

Looks through diagnostics/ and judges nothing itself.
"""

"""Builds the rooms from settings and joins them; commands, web and engine take what they need.

`rooms.py` hands each room the rooms below it, `engine.py` makes an engine of them.
"""

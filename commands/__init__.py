"""The command line `app.py …`: arguments parsed, rooms built, the command of a room called.

Errors are one or two plain lines on standard error; a traceback is a defect.
"""

"""The command line: parses, builds the parts, hands over to the room that knows.

Errors are one or two plain lines on standard error; a traceback is a defect.
"""

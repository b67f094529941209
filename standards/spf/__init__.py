"""SPF (RFC 7208): syntax, macros and evaluation, without a socket.

The evaluator is a generator that yields questions and receives answers; its value is the tree.
"""

"""The letters of a ticket: which are sent, and what they say.

They only go out; nothing reads what is answered by mail.
"""

"""Testing a mailbox with the customer's own sign-in. Owns the way of a password from the form to one
sign-in at the provider's own hosts; it must never reach a log, a file, evidence or a message.
"""

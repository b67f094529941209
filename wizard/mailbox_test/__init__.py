"""Login test of a mailbox with the customer's own password. Owns the password's way from the form to one
sign-in at the provider's own hosts; it must never reach a log, a file, evidence or a message.
"""

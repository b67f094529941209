"""The login test of a mailbox with the customer's own password: from the form to one sign-in.
The password goes to the provider's own hosts; it must never reach a log, a file, evidence or a
message.
"""

"""A report, an account and answers become the draft of a ticket. Pure."""

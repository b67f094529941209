"""The letters of a ticket: which are sent, and what they say."""

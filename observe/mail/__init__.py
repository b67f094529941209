"""SMTP, IMAP and POP3 clients for the opening of a conversation; no mail is ever sent."""

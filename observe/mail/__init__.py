"""The openings of SMTP, IMAP and POP3 conversations as facts; no mail is ever sent."""

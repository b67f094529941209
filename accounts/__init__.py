"""Who is asking and how sure we are: people, passwords, sessions, roles. Must not know status or diagnostics."""

"""People who sign in: passwords, sessions, roles, API tokens, the audit log. Must not know status or diagnostics."""

"""What reaches a log: no token, and nothing a hundred times."""

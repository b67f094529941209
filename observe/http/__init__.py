"""HTTP: one request as a fact, and the walk along redirects."""

"""Forms of pages: their token, and what was written into one while nobody was signed in."""

"""Who asked to hear, and how they may change their mind: rows, links, jobs."""

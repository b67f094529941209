"""Reports of one lost message: what the mail team needs to find it, and what can be said at once.

Owns the questions, their gauge, the hints and the request that comes of them. Pure but for web and api.
"""

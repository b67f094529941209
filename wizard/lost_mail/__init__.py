"""One lost message: what the mail team needs to find it, asked once, and what can be said at once.

Owns the questions, their gauge, the hints and the request that comes of them. Pure but for web and api.
"""

"""Collectors that ask name servers and resolvers."""

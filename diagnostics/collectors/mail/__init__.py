"""Collectors that ask mail servers, and what is said of them."""

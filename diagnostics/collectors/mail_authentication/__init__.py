"""Collectors of the records by which receivers judge the domain's mail."""

"""Runs: from the request to the stored evidence, and who may start and see them."""

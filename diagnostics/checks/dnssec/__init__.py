"""Checks of signatures: the chain, the record sets, the keys."""

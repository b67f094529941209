"""Operators' pages of planned work."""

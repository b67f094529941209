"""Gatus: its endpoints, and their conditions."""

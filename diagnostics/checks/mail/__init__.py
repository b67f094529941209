"""Checks of where mail goes, and whether it is taken in there."""

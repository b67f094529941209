"""Importers of other status pages' configuration and history, with notes on what was not imported. Pure."""

"""Checks of certificates and of the encryption itself."""

"""Panel adapters, one file each, listed in PANELS."""

"""Channel adapters, one file each, listed in CHANNELS."""

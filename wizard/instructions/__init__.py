"""Pages of `/check/instructions`: another provider's records compared with current DNS."""

"""cState: systems and issues of its Hugo site."""

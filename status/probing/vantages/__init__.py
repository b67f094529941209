"""Remote vantages: their probes, tokens and pushed observations."""

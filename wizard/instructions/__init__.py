"""`/check/instructions`: what another provider wants set, beside what is set."""

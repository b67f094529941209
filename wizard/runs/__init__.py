"""One run from the request to its stored evidence: who may start and see it."""

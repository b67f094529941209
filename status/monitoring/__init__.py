"""The monitoring loop of the engine: probe, damp, store, publish; its state without a database."""

"""What registries answered, kept for a day."""

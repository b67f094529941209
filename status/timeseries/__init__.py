"""What is kept of observations: raw rows for days, roll-ups for years. Owns counting and forgetting."""

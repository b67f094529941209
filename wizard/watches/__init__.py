"""Watch until fixed: rechecks with growing pauses, a letter when it is well, and an end by itself."""

"""Tables, one file per room, all on one metadata."""

"""The background process: a schedule, the work it starts, and a heartbeat."""

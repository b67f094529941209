"""What people and probes told the public, as rows: incidents, planned work, overrides, news."""

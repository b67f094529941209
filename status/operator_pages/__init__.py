"""Pages of operators under /ops: incidents, announcements, planned work, uptime reports."""

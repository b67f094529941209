"""Status for programs: /api/ops/… for components, incidents, planned work, announcements."""

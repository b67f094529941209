"""The operators' JSON API of status: /api/ops/… for components, incidents, planned work, announcements."""

"""Pages that put several rooms side by side: /me, /desk, /ops. No rules of its own."""

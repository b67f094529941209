"""A miniature internet on loopback: demo, tests and bench share it. Production reaches it only from the demo command."""

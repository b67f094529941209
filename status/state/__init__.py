"""State of each component: damping, dependencies, quorum, uptime, composition. Pure."""

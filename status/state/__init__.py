"""What is true of each component: damping, dependencies, agreement, uptime, composition. Pure."""

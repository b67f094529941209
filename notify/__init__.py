"""Who wants to hear: letters and channels, and their delivery."""

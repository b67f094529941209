"""What customers say is wrong, and which checks it calls for."""

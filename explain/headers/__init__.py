"""Message headers: authentication results and the Received path."""

"""Looking: probe kinds, our own connection, heartbeats sent in, other vantages."""

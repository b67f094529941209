"""DNS client: messages, exchanges, resolvers, delegation walks and authoritative servers."""

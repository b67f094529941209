"""DNS on the wire: one exchange, the resolvers, and a zone's own servers."""

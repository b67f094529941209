"""What customers have at the provider: the panel and what it last said. Must not know status or diagnostics."""

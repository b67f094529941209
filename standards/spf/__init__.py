"""SPF (RFC 7208): syntax, macros, check_host(), look-up trees, lint, corrections, flattening."""

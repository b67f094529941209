"""HTTP/1.1 client: single requests, redirect chains, response parsing, content codings."""

"""Shared web plumbing: problems, CSRF, limits, security headers, pages, published bytes. Knows no feature."""

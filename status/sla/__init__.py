"""What a month, a quarter or a year came to: frozen months, the report, its forms."""

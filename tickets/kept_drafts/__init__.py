"""Forms kept while their writer signs in."""

"""What to do about it: articles, search, glossary. Needs no database and no network."""

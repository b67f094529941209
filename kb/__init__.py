"""Knowledge base: articles, categories, search. Needs no database and no network."""

"""Reports in words: lines, pages, documents, and what changed since."""

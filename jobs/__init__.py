"""Work that outlives a request: rows claimed by conditional update, with a lease and a fence."""

"""The engine side: look, judge, damp, keep, compose, publish; and what it knows without a database."""

"""WSGI middleware before Flask: allowed hosts, slow bodies, static files, published bytes."""

"""Errors that programs, browsers, FTP and databases show, known by their own marks. Pure."""

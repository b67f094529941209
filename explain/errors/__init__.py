"""Errors of mail clients, browsers, web servers, FTP and databases, recognised by signatures."""

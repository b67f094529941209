"""Words and pages without Flask: Jinja environment, gettext, plural and unit formats.

Owns jinja2 and babel. Must not know any feature, request or database.
"""

"""Collectors: one file each; they look through observe/ and have no opinion. Listed in COLLECTORS."""

"""Departments: who answers what, how urgently, in which hours and by when. Pure."""

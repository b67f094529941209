"""Types of evidence: typed keys, their values and JSON form. Pure."""

"""What collectors bring home: typed keys, their JSON form, and how answers are to be read. Pure."""

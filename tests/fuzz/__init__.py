"""Foreign bytes thrown at every parser of ours: the table of targets, their seeds, the runner."""

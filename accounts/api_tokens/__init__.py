"""API tokens: programs that may read and write what operators may."""

"""Reports of mail that did not arrive, read to failures: structure first, then words. Pure."""

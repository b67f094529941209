"""The publication elsewhere than in our own web: plain files, a whole site, a mirror of it."""

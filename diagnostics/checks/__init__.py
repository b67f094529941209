"""Checks: one file each; pure judgements over evidence, with their words. Listed in CHECKS."""

"""Measurements against something real, as ratios in one run. Not part of the product."""

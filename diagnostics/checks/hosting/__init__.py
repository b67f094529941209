"""Checks of the customer's account: incidents, services, quotas, limits, PHP."""

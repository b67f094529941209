"""Atlassian's Statuspage: components and history from the answers of its API."""

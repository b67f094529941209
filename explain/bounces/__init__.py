"""Bounces: delivery reports parsed to failures and classified; structure first, then wording."""

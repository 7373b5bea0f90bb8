"""Limits that a plan may not cross without a word."""

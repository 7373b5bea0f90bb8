"""Statements made from a few answers."""

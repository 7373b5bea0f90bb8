"""Whose statement it is: claims, conflicts, and the merge that happens before the diff."""

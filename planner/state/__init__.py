"""Where snapshots and locks are kept."""

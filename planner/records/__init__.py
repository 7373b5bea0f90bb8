"""What the state holds: snapshots, journals and locks, as values and as JSON."""

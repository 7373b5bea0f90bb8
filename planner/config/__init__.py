"""Settings: `planner.toml`, flags and environment, and which registries a command is about."""

"""The commands, one file each: options, one call, one answer, an exit code."""

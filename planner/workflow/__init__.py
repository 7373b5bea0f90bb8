"""The order of things, written once against the ports."""

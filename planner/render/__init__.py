"""From the public JSON of a plan to what people and tools read."""

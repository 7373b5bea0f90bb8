"""What a policy allows: one request decided, and two policies compared exactly."""

"""A local ECR for first steps, the demo and the tests."""

"""What a policy is: parsing, values, canonical form, and what ECR accepts."""

"""What is wrong with a policy, or will be: findings, and one function for each rule."""

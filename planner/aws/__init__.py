"""AWS: the one place that sees boto3 and its errors."""

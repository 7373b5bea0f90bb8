"""Where documents are kept: a local folder, or S3."""

"""What tests share: no test imports another, or a conftest."""

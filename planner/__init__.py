"""Plan and apply for the permission policy of an Amazon ECR private registry."""

__version__ = "0.1.0"

"""Plan and apply for the permission policy of an Amazon ECR private registry."""

__version__ = "0.1.0"
TOOL = f"planner {__version__}"
"""What plans, snapshots and journals say that they were made with."""

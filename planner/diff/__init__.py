"""What differs between policies: changes, their causes, and the patch."""

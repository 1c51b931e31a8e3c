# The five commands of this project; `make help` prints them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check bench docs clean pins

help:  ## print this list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	@touch $@

# One stamp per set of packages; a changed pin or pyproject installs again.
$(VENV)/.%-installed: requirements/%.txt pyproject.toml $(VENV)/.made
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements/$*.txt
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --editable .
	@touch $@

demo: $(VENV)/.report-installed  ## install and run the embedded review of Kazakhstan
	$(BIN)/urbanreview demo

test: $(VENV)/.test-installed  ## install the test tools and run the suite (PYTEST="-m long" for what takes longer)
	$(BIN)/pytest --numprocesses auto --dist loadfile $(PYTEST)

check: $(VENV)/.dev-installed  ## format, lint, types, import contracts, generated docs in step
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

bench: $(VENV)/.report-installed  ## measure against the tools people use, each in an environment of its own
	$(BIN)/python bench/run.py

docs: $(VENV)/.dev-installed  ## write the generated reference pages anew
	$(BIN)/python docs/generate.py

pins: $(VENV)/.made  ## choose new versions for requirements/*.txt
	$(BIN)/python requirements/pin.py

clean:  ## remove the environment and what tools left behind
	rm -rf $(VENV) .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

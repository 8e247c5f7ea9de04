# Three commands matter: `make demo`, `make quick` and `make test`. Everything lives in .venv, .cache and var, which git ignores.
.DEFAULT_GOAL := help
.PHONY: help demo quick test coverage check format docs soak bench lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

help: ## list what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11")'
	@echo "Setting up $(VENV) from requirements.lock (about two minutes the first time) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## set up, run the main job on the embedded engine with the real DAGs, show the deal's follow-ups
	@$(BIN)/python -m tests.demo

quick: $(STAMP) ## style, types and the tests that need no server: about a minute
	@$(BIN)/ruff check --quiet .
	@$(BIN)/python -m pytest --quiet -n 2 -m "not servers and not airflow and not processes and not slow" tests

test: $(STAMP) check ## every check and test; starts its own PostgreSQL and other servers
	@$(BIN)/python -m tests.servers.prepare
	@$(BIN)/python -m pytest -n 2 --dist loadgroup tests

coverage: $(STAMP) ## every test again with coverage, which takes more than twice as long; the floor is in pyproject.toml
	@$(BIN)/python -m tests.servers.prepare
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --cov --cov-report=term:skip-covered tests

check: $(STAMP) ## style, types and the documentation
	@echo "Checking style and types ..."
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(MAKE) --no-print-directory docs

format: $(STAMP) ## put the style right
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

docs: $(STAMP) ## build the documentation into var/site, without a network
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict

soak: $(STAMP) ## long runs: kills by the hundred, fuzzing, large corpora
	@$(BIN)/python -m tests.servers.prepare
	@WIREWATCH_SOAK=1 $(BIN)/python -m pytest -m soak tests

bench: $(STAMP) ## ratios against the bare libraries, measured side by side
	@$(BIN)/python -m tests.servers.prepare
	@$(BIN)/python -m tests.benchmarks

lock: ## resolve requirements.lock anew from pyproject.toml: hashes, no addresses
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --universal --python-version 3.11 --extra airflow --extra dev --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml -o requirements.lock

clean: ## remove the environment, caches and the demo's data
	@rm -rf $(VENV) .cache var .mypy_cache .ruff_cache .pytest_cache .hypothesis

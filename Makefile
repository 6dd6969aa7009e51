# Two commands: make run, make test. `make help` lists the rest. The work is done by scripts/; this file names it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run install test lint format bench screenshots lock clean distclean
PY := .venv/bin/python

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: ## the office with its demo data on http://127.0.0.1:8000 (PORT=… changes the port); data stays in ./var
	@scripts/install.sh --check
	@scripts/run.sh

install: ## .venv with the command .venv/bin/motcua, from the locked dependencies
	@scripts/install.sh run

test: ## everything, on SQLite and PostgreSQL and in a real Chromium; exits 3 when a leg could not run (FULL=1: big samples on both)
	@scripts/test.sh

lint: ## style, types, layers, migrations
	@scripts/install.sh dev
	@$(PY) scripts/lint.py

format: ## let ruff write the code as lint wants it
	@scripts/install.sh dev
	@.venv/bin/ruff check --fix-only --quiet . ; .venv/bin/ruff format .

bench: ## the figures of docs/benchmarks.md, measured here (BENCH=name for one of them)
	@scripts/install.sh dev
	@$(PY) scripts/with_postgres.py --optional -- $(PY) benchmarks/run.py $(BENCH)

screenshots: ## the pictures of the README, taken from the demo
	@scripts/install.sh dev
	@$(PY) scripts/screenshots.py

lock: ## write requirements*.txt anew from pyproject.toml
	@scripts/install.sh dev
	@scripts/lock.sh

clean: ## remove caches and build leftovers
	@rm -rf build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean ## clean, and remove .venv too (never ./var, which holds data)
	@rm -rf .venv

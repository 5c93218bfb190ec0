# The development workflow, executable. `make demo` and `make test` do all their own set-up.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install install-development demo test test-postgresql lint bench bench-index torture backfill-50000 cluster

# What opens a store; `make test-postgresql STORE_TESTS=tests/store` runs a part of it.
STORE_TESTS ?= tests/store tests/casework tests/alerts tests/flows tests/console tests/demo

install: .venv/.runtime
install-development: .venv/.development

.venv/.bootstrap: requirements/bootstrap.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@touch $@

.venv/.runtime: .venv/.bootstrap requirements/runtime.lock pyproject.toml
	$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/runtime.lock
	$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.development: .venv/.runtime requirements/development.lock
	$(BIN)/uv pip install --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/development.lock
	@touch $@

demo: install
	$(BIN)/tin3c demo

test: install-development
	$(BIN)/python -m pytest

test-postgresql: install-development
	TIN3C_TEST_STORE=postgresql $(BIN)/python -m pytest $(STORE_TESTS)

lint: install-development
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: install-development
	$(BIN)/python -m tests.bench

bench-index: install-development
	$(BIN)/python -m tests.bench.bench_index

torture: install-development
	TORTURE_KILLS=20 $(BIN)/python -m pytest tests/flows/test_kill.py

backfill-50000: install-development
	BACKFILL_ITEMS=50000 $(BIN)/python -m pytest -s tests/flows/test_backfill.py

cluster: install-development
	TIN3C_TEST_CLUSTER=1 $(BIN)/python -m pytest -s tests/index/test_cluster.py

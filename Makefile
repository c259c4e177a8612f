# Annuario: the two commands are `make book` and `make test`.

BOOK ?= relazione
YEAR ?=
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help book test test-fast lint messages docs coverage lock bench bench-quick clean
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1	/'
	@echo "  variables	BOOK=$(BOOK) YEAR=… (without it the newest)"

book: $(VENV)/ready ## Build a book: make book (the newest), make book YEAR=2021
	$(BIN)/annuario build $(BOOK)$(addprefix -,$(YEAR))

# One process for each processor, up to four; the tests of a file stay together, and files come in the order of
# tests/conftest.py, the longest first.
TESTS := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: $(VENV)/ready ## Run every test
	$(TESTS)

test-fast: $(VENV)/ready ## Run the tests that take less than half a second each
	$(TESTS) -m "not slow"

lint: $(VENV)/ready ## Check format, rules and types
	$(BIN)/ruff format --check lib tests bench
	$(BIN)/ruff check lib tests bench
	$(BIN)/mypy

messages: $(VENV)/ready ## Bring the catalogues of messages in step with the code, and say what is to be translated
	$(BIN)/python tests/catalogue.py

docs: $(VENV)/ready ## Write the site of guides and reference to output/docs
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs output/docs

coverage: $(VENV)/ready ## Run every test and say which lines none of them reaches
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lock: $(VENV)/ready ## Choose anew, within pyproject.toml, what requirements.lock names
	$(BIN)/uv pip compile pyproject.toml --group build --extra test --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --quiet --upgrade --output-file requirements.lock

bench: $(VENV)/ready ## Measure against papermill and against the least there is to do (forty minutes)
	$(BIN)/python bench/run.py

bench-quick: $(VENV)/ready ## The same measures in one round (eight minutes)
	$(BIN)/python bench/run.py --quick

clean: ## Delete the environment and everything built
	rm -rf $(VENV) output

# The environment: every package from the lock, checked by hash, then this one.
$(VENV)/ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

# Annuario: the two commands are `make book` and `make test`.

BOOK ?= relazione
YEAR ?=
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help book test bench clean
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1	/'
	@echo "  variables	BOOK=$(BOOK) YEAR=… (without it the newest)"

book: $(VENV)/ready ## Build a book: make book (the newest), make book YEAR=2021
	$(BIN)/annuario build $(BOOK)$(addprefix -,$(YEAR))

test: $(VENV)/ready ## Run every test
	$(BIN)/python -m pytest

bench: $(VENV)/ready ## Measure against papermill and against the least there is to do (forty minutes)
	$(BIN)/python bench/run.py

clean: ## Delete the environment and everything built
	rm -rf $(VENV) output

# The environment: every package from the lock, checked by hash, then this one.
$(VENV)/ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

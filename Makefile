# Every door of the project. `make` alone lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# uv when it is there (faster), pip otherwise.
INSTALL = if command -v uv >/dev/null 2>&1; then uv pip install -q --compile-bytecode --python $(BIN)/python -r $(1); else $(BIN)/python -m pip install -q --disable-pip-version-check -r $(1); fi
CONFIG := $(if $(JASNO_CONFIG),$(JASNO_CONFIG),$(wildcard jasno.toml))

.DEFAULT_GOAL := help
.PHONY: help run test test-real soak check bench screenshots translations clean

help: ## list the doors
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/.run: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(call INSTALL,requirements.txt)
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(call INSTALL,requirements-dev.txt)
	@touch $@ $(VENV)/.run

run: $(VENV)/.run ## start: your configuration when there is one, the demo company otherwise
	@exec $(BIN)/python app.py $(if $(CONFIG),run,demo)

test: $(VENV)/.dev ## the tests that need nothing but Python (12 minutes at most)
	@$(BIN)/pytest -n 2 --dist loadgroup -m "not real and not soak"

test-real: $(VENV)/.dev ## the tests against Debian's servers and a browser (root once, for apt)
	@deploy/apt-for-tests
	@deploy/npm-for-tests
	@$(BIN)/pytest -m "real and not soak" --ignore tests/e2e
	@$(BIN)/pytest -m "real and not soak" tests/e2e  # apart: a browser holds the thread's event loop

soak: $(VENV)/.dev ## hours: kill cycles, fuzzing, simulated time
	@$(BIN)/pytest -m soak --timeout 0 -s

check: $(VENV)/.dev ## format, lint, types, reference pages
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .

bench: $(VENV)/.dev ## measure; the numbers land in bench/README.md by hand
	@$(BIN)/python -m bench

screenshots: $(VENV)/.dev ## every page, both themes, 320 and 1280 px, into screenshots/
	@$(BIN)/python -m tests.e2e.screenshots

translations: $(VENV)/.dev ## gather new words into the catalogues
	@$(BIN)/python -m translations.extract

clean: ## forget what was installed and made
	@rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache screenshots bench/out

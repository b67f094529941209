# Every door of the project. `make` alone lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The locks name every package with its version and hashes. uv when it is there (faster), pip otherwise.
INSTALL = if command -v uv >/dev/null 2>&1; then uv pip install -q --compile-bytecode --require-hashes --python $(BIN)/python -r $(1); else $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(1); fi
CONFIG := $(if $(JASNO_CONFIG),$(JASNO_CONFIG),$(wildcard jasno.toml))

unexport PYTHONDONTWRITEBYTECODE  # programs start again and again: what was compiled is kept

.DEFAULT_GOAL := help
.PHONY: help run install apprise test test-real real-servers real-browser soak check lock lock-upgrade sbom mutate bench screenshots tree translations clean

help: ## list the doors
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/.run: requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(call INSTALL,$<)
	@touch $@

$(VENV)/.apprise: requirements-apprise.lock $(VENV)/.run
	@$(call INSTALL,$<)
	@touch $@

$(VENV)/.dev: requirements-dev.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(call INSTALL,$<)
	@touch $@ $(VENV)/.run $(VENV)/.apprise

# Whoever took the extra once keeps it in step with its lock.
run: $(VENV)/.run $(wildcard $(VENV)/.apprise) ## start: your configuration when there is one, the demo company otherwise
	@exec $(BIN)/python app.py $(if $(CONFIG),run,demo)

install: $(VENV)/.run $(wildcard $(VENV)/.apprise) ## only install, for a start by systemd

apprise: $(VENV)/.apprise ## install what [[channel]] needs: chat, paging and push services

test: $(VENV)/.dev ## the tests that need nothing but Python (a quarter of an hour on two cores)
	@$(BIN)/pytest -n 2 --dist loadgroup --no-loadscope-reorder -m "not real and not soak"

test-real: $(VENV)/.dev ## the tests against Debian's servers and a browser (root once, for apt)
	@deploy/apt-for-tests
	@deploy/npm-for-tests
	@deploy/pypi-for-tests
	@$(MAKE) --no-print-directory -j 2 --output-sync=target real-servers real-browser

real-servers:
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "real and not soak" --ignore tests/e2e

real-browser:  # in a process of its own: a browser holds the thread's event loop
	@$(BIN)/pytest -m "real and not soak" tests/e2e

soak: $(VENV)/.dev ## hours: kill cycles, fuzzing, simulated time
	@$(BIN)/pytest -m soak --timeout 0 -s

check: $(VENV)/.dev ## format, lint, types, locks
	@$(BIN)/python -m deploy.lock_check
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .

lock: ## write the locks anew after a requirement changed; what still fits stays as it is
	@$(PYTHON) -m deploy.lock

lock-upgrade: ## the same, with the newest version of everything
	@$(PYTHON) -m deploy.lock --upgrade

sbom: $(VENV)/.dev ## the bill of materials of what the locks install: jasno.cdx.json (CycloneDX)
	@$(BIN)/python -m deploy.sbom jasno.cdx.json

mutate: $(VENV)/.dev ## change the code that judges, and see whether its tests notice (PART=spf SAMPLE=60 SEED=1)
	@nice -n 15 $(BIN)/python -m bench.mutations $(PART) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))

bench: $(VENV)/.dev ## measure; the numbers land in bench/README.md by hand
	@$(BIN)/python -m bench

screenshots: $(VENV)/.dev ## every page, both themes, 320 and 1280 px, into screenshots/
	@$(BIN)/python -m tests.e2e.screenshots

tree: ## every file with what it is for: where to look for the one to change
	@$(PYTHON) docs/tree.py

translations: $(VENV)/.dev ## gather new words into the catalogues
	@$(BIN)/python -m translations.extract

clean: ## forget what was installed and made
	@rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache screenshots bench/out

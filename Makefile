# Everything a developer does, on a machine with Python >= 3.11, make and git. Works with GNU make 3.81, which macOS has.
#
# One virtual environment, .venv, in two layers: what Stepwell needs to run, and on top the tools of development. Every package
# comes from a pinned and hash-checked file in requirements/; the index is whatever pip is set up to use on this machine.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
ARGS ?=

# The first interpreter that is new enough and can make virtual environments; PYTHON=... chooses another.
NEW_ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
FIND_PYTHON = for it in python3 python3.13 python3.12 python3.11; do \
	"$$it" -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && { echo "$$it"; break; }; done

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(VENV)/.core ## Run the iris sample in a fresh folder, stepwell-demo/
	@rm -rf stepwell-demo && mkdir stepwell-demo && echo '*' >stepwell-demo/.gitignore
	@$(BIN)/stepwell demo iris --to stepwell-demo

.PHONY: test
test: $(VENV)/.dev ## Run every test; ARGS="-k name" chooses
	@$(BIN)/python -m pytest -n auto $(ARGS)

.PHONY: lint
lint: $(VENV)/.dev ## Check style, types and the direction of imports
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: bench
bench: $(VENV)/.core ## Measure Stepwell beside its peers
	@$(BIN)/python bench/run.py $(ARGS)

.PHONY: benchui
benchui: $(VENV)/.core ## Measure the dashboard beside Textual's own widgets
	@$(BIN)/python bench/tui/run.py $(ARGS)

.PHONY: docs
docs: $(VENV)/.core ## Write the documents that are made from the code
	@$(BIN)/python -m stepwell.azureml.reference >docs/.azureml-v1.md && mv docs/.azureml-v1.md docs/azureml-v1.md

# uv writes the hashes of every file of a release, so one file serves Linux, macOS and each Python.
# Versions stay as they are unless pyproject.toml rules them out; ARGS=--upgrade takes the newest.
COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate $(ARGS)

.PHONY: lock
lock: $(VENV)/.core ## Pin the requirement files anew
	@$(COMPILE) pyproject.toml -o requirements/core.txt
	@$(COMPILE) pyproject.toml --group dev -c requirements/core.txt -o requirements/dev.txt
	@$(COMPILE) requirements/build.in -c requirements/dev.txt -o requirements/build.txt

.PHONY: clean
clean: ## Remove the environment, caches and the demo
	rm -rf $(VENV) stepwell-demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.made:
	@python="$(PYTHON)"; [ -n "$$python" ] || python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo "Stepwell needs Python 3.11 or newer with its venv module, and found none." >&2; \
		echo "Debian and Ubuntu: apt install python3-venv. macOS: brew install python. Else: make PYTHON=/path/to/python3" >&2; \
		exit 3; \
	fi; \
	echo "Making $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV)
	@touch $@

$(VENV)/.core: $(VENV)/.made requirements/core.txt requirements/build.txt pyproject.toml
	@echo "Installing Stepwell"
	@$(PIP) install --require-hashes -r requirements/core.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.core requirements/dev.txt
	@echo "Installing the tools of development"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

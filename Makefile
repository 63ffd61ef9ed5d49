# SPDX-License-Identifier: EUPL-1.2
# `make help` lists the verbs. Everything runs from a bare Python 3.11: setup makes .venv and fetches the rest.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test test-fast check docs bench bench-index bench-effects lock clean

help: ## list the verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## make .venv with the command krachtwijk
	@$(PYTHON) bin/setup

setup-dev:
	@$(PYTHON) bin/setup --dev

run: setup ## build everything from the packaged open data and serve it on http://127.0.0.1:8000
	@.venv/bin/krachtwijk demo --port 8000

test: setup-dev ## run every suite this machine can run, and say which it cannot
	@.venv/bin/python bin/test

test-fast: setup-dev ## the unit tests without the slow ones, under a minute
	@.venv/bin/python bin/test --fast

check: setup-dev ## lint, types, import contracts, migrations, translations, reference pages, licences
	@.venv/bin/python bin/check

docs: setup-dev ## write docs/reference out of the command and the catalogue
	@.venv/bin/python bin/docs

bench: setup ## measure speed; figures go to bench/results.md
	@.venv/bin/python bench/run.py

bench-index: setup-dev ## measure the index engine beside its peers (about twenty minutes); prints tables for bench/index.md
	@.venv/bin/python bench/index_index.py && .venv/bin/python bench/index_space.py && .venv/bin/python bench/index_uncertain.py

bench-effects: setup-dev ## measure panels beside pyfixest (some minutes, 8 GB of memory); prints the table of panels in bench/effects.md
	@.venv/bin/python bench/effects.py

lock: setup-dev ## write the requirement locks anew
	@.venv/bin/python bin/lock

clean: ## remove what setup and demo made
	rm -rf .venv var node_modules src/krachtwijk/web/static/vendor .cache

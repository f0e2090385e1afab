# The few commands of this house; `make` alone prints them. Everything they install goes into .venv/ and
# node_modules/, everything they make into instance/, bench/ and app/rooms/web/static/built/: all ignored by git.

HOST ?= 127.0.0.1
PORT ?= 8000
# For trying out only: the application refuses to start with it unless it runs as a demo or a test.
CHENGPI_CAPTCHA_ANSWER ?= 1234

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# The first Python from 3.11 on that can make a virtual environment; PYTHON=… chooses another.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$python; break; }; done)
NODE_IS_THERE := node -e 'process.exit(+(parseInt(process.versions.node) < 18))' 2>/dev/null && npm --version >/dev/null 2>&1

.DEFAULT_GOAL := help
.PHONY: help run test test-long check bench pictures lock clean assets browser

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## ?/\1\t/' | expand -t 14

run: export CHENGPI_DEMO = 1
run: export CHENGPI_CAPTCHA_ANSWER := $(CHENGPI_CAPTCHA_ANSWER)
run: $(VENV)/run.stamp assets  ## the demo on http://127.0.0.1:8000 (HOST=… PORT=… for another address)
	$(BIN)/flask db upgrade
	$(BIN)/flask seed --demo
	$(BIN)/flask serve --host $(HOST) --port $(PORT)

test: $(VENV)/dev.stamp assets browser  ## every test but the long ones, in Chromium too
	$(BIN)/python -m pytest

test-long: $(VENV)/dev.stamp assets browser  ## kills, races, load, big data, rules by new examples; minutes to hours
	$(BIN)/python -m pytest -m "long or hypothesis" --timeout 0 --hypothesis-profile search

check: $(VENV)/dev.stamp assets  ## style, types, who may enter which room, every diagram and form
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python -m pytest -n 0 tests/test_house.py
	$(BIN)/flask check

bench: $(VENV)/dev.stamp assets  ## figures beside their floors (BENCH=prefix for some), kept in bench/results.json
	$(BIN)/python -m tests.bench $(BENCH)

pictures: $(VENV)/dev.stamp assets browser  ## refresh the screenshots of docs/guide (GUIDE=name for one guide)
	$(BIN)/python -m tests.pictures $(GUIDE)

lock: $(VENV)/dev.stamp  ## anew: requirements*.txt and package-lock.json
	CHENGPI_PYTHON=$(BIN)/python sh .ci/lock

clean:  ## remove what is installed and built; instance/ with your data stays
	rm -rf $(VENV) node_modules app/rooms/web/static/built .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis .coverage .coverage.* test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find app -name '*.mo' -delete

# ── What the commands stand on ────────────────────────────────────────────────────────────────────────────────

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed (Debian: apt install python3-venv)."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

node_modules/installed.stamp: package-lock.json .npmrc | $(BIN)/python
	@{ $(NODE_IS_THERE); } || $(PIP) install --quiet --require-hashes -r requirements-node.txt
	@{ $(NODE_IS_THERE); } || { export PATH="$(CURDIR)/$(BIN):$$PATH" NODE_OPTIONS=--use-system-ca; }; \
		echo "npm ci"; npm ci --loglevel=error
	@touch $@

# Built when out of date; assets.py knows by its own stamp. Babel, which it needs, comes with either of the two.
assets: node_modules/installed.stamp
	@test -f $(VENV)/run.stamp || $(MAKE) --no-print-directory $(VENV)/run.stamp
	@$(BIN)/python -P app/rooms/web/assets.py

browser:
	@sh .ci/browser

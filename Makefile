# Two commands: `make serve` (install, build the release, serve it) and `make test` (install with test tools, run all).
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8000

.PHONY: serve test build install install-test engines lint bench clean

serve: install
	$(BIN)/pactgraph build
	$(BIN)/pactgraph serve --port $(PORT)

build: install
	$(BIN)/pactgraph build

install: $(VENV)/.installed
install-test: $(VENV)/.installed-test

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Pactgraph needs Python 3.11 or newer; say which with PYTHON=..." if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'  # the first that knows dependency groups
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group test
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium; } || \
	  echo "No Chromium found: browser tests will be skipped (install the package 'chromium')."
	@PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq nginx-light; } || \
	  echo "No nginx found: the test of deploy/nginx.conf will be skipped (install the package 'nginx-light')."
	@$(MAKE) --no-print-directory engines
	touch $@

# The engines that a release is published to in the tests. Of Virtuoso the server alone: it is started by the tests, not by the system.
engines:
	@$(BIN)/python -m tests.stores.engines || echo "Fuseki could not be fetched: its tests will be skipped."
	@command -v virtuoso-t >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq virtuoso-opensource-7-bin; } || \
	  echo "No Virtuoso found: its tests will be skipped (install the package 'virtuoso-opensource-7-bin')."

lint: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest --numprocesses auto --dist loadgroup --no-loadscope-reorder --ignore tests/hostile
	$(BIN)/python -m pytest tests/hostile  # measures how long others wait: alone on the machine

bench: install-test
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache

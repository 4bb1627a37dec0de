# make app   opens the sandbox in the browser      make test  passes the tests
# Both set everything up by themselves in .venv; nothing is done again while nothing has changed.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# One process per core; tests of one group, the browser's, share a process and so one server.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 8 --dist loadgroup

.PHONY: app test test-slow relations fuzz setup lint bench tables clean

app: setup
	$(BIN)/sandbox app

test: setup
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow"

# What takes minutes: long runs, whole sweeps, every golden vector, the generated tables.
test-slow: setup
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m slow

# Relations of runs over many random scenarios each; takes a quarter of an hour. RELATIONS_EXAMPLES says how many.
relations: setup
	RELATIONS_EXAMPLES=$${RELATIONS_EXAMPLES:-200} $(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow" tests/relations

# Odd inputs of every kind, so many of each; takes hours. FUZZ_EXAMPLES says how many.
fuzz: setup
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-10000} $(BIN)/python -m pytest $(SIDE_BY_SIDE) tests/fuzz

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/sandbox bench

# Fills the tables of README and of the pages beside the code anew from the commands that they name.
tables: setup
	$(BIN)/python tests/page_tables.py

setup: $(READY)

$(READY): pyproject.toml $(wildcard ext/*.pyx ext/*.pxd ext/*.h)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Subnet Sandbox needs Python >= 3.11; name one with PYTHON=..."; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

clean:
	rm -rf .venv build *.egg-info ext/_*.c ext/_*.so

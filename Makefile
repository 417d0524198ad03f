# Everything a newcomer or CI needs: make demo, make test. Needs Python 3.11 or newer and make.
# Paths are relative, so that a checkout path may hold spaces.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: demo test check bench fuzz docs reference pictures audit licences tools clean help

help:
	@echo "make demo    a run of scenarios/purchase.yaml against the local sandbox"
	@echo "make test    formatter, linter, types, layers, then every test"
	@echo "make check   formatter, linter, types, layers"
	@echo "make fuzz    ten thousand mutated scenarios"
	@echo "make bench   benchmarks, side by side with hand-written Locust"
	@echo "make docs    the documentation as a site, into site/"
	@echo "make reference writes anew what is made from the code: docs/cli.md, docs/language-reference.md, imports in ARCHITECTURE.md"
	@echo "make pictures takes the pictures in docs/ anew, of a run against the sandbox; needs Chromium"
	@echo "make audit   known vulnerabilities of what is installed; needs the network"
	@echo "make licences writes THIRD-PARTY.md anew"
	@echo "make clean   removes what the others made"

demo: $(INSTALLED)
	@$(BIN)/python -m harness run scenarios/purchase.yaml --target sandbox

test: check tools
	@$(BIN)/python -m pytest -n 3 --dist worksteal

check: $(INSTALLED)
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports

bench: $(INSTALLED)
	@$(BIN)/python -m benchmarks

fuzz: $(INSTALLED)
	@FUZZ_EXAMPLES=10000 $(BIN)/python -m pytest tests/scenario/test_fuzz.py -q -n 2 --timeout 3000

docs: $(INSTALLED)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build
	@echo "site/index.html"

reference: $(INSTALLED)
	@$(BIN)/python tools/reference.py

pictures: $(INSTALLED)
	@$(BIN)/python -m tools.pictures

# Asks a public service about every package that is installed; one that it cannot be asked about is a failure, too.
audit: $(INSTALLED)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.7,<3'
	@$(BIN)/python -m pip_audit --strict --skip-editable --progress-spinner off

licences: $(INSTALLED)
	@$(BIN)/python tools/third_party.py

# What some tests need beside Python. Only root can install it; others are told by the tests what was skipped.
tools: $(INSTALLED)
	@sh tests/tools.sh

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (a minute the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,docs]'
	@touch $(INSTALLED)

clean:
	rm -rf .venv runs build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Two commands: `make up` runs MemoryHub, `make test` checks it. PYTHON=... chooses another Python.

FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c '$(FITS)' >/dev/null 2>&1 && echo $$name && break; done)
endif
RUN := .venv/bin/python
GATE := MEMORYHUB_DATA_DIR=.venv/gate

.PHONY: up test python

up: python
	@$(PYTHON) tools/venv.py requirements.txt
	@exec $(RUN) -m memoryhub.supervisor --with-parent

test: python
	@$(PYTHON) tools/venv.py requirements-dev.txt
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(GATE) $(RUN) -m mypy
	$(dir $(RUN))lint-imports
	$(GATE) $(RUN) manage.py makemigrations --check
	$(GATE) HTTPS_PROXY_HEADER=X-Forwarded-Proto $(RUN) manage.py check --deploy --fail-level WARNING
	$(RUN) -m pytest -n auto --maxprocesses 4

python:
	@test -n "$(PYTHON)" || { echo "MemoryHub needs Python 3.11, 3.12 or 3.13 in the PATH." >&2; exit 1; }

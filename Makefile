# The project's commands. `make run` and `make test` are all that a newcomer needs.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# Many tests wait for processes and clocks: more workers than the cores of a small machine.
WORKERS ?= 3
PIP := $(VENV)/bin/pip --disable-pip-version-check --quiet
# Of all that is installed a tenth is used: that tenth is compiled once, by importing it.
COMPILE := 'import app, service, rag.stores.lance, adapters.slack.adapter, adapters.teams.adapter; \
  from rag.ingest.parse.formats import load_all; load_all()'

.PHONY: run test setup lint faults soak eval quality playground lock audit demo clean

run: $(VENV)/.installed  ## set up, index the demo, serve on http://localhost:3978
	@$(PY) app.py serve --ingest

test: $(VENV)/.installed-dev  ## set up and run the tests
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal

setup: $(VENV)/.installed  ## prepare .venv only

lint: $(VENV)/.installed-dev  ## format, lint, types, import directions
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

faults: $(VENV)/.installed-dev  ## the slow ring: kills, freezes, restarts
	$(PY) -m pytest -m faults --timeout 600

soak: $(VENV)/.installed-dev  ## 30 minutes of questions from a Slack that misbehaves: nothing grows, nothing is lost
	$(PY) -m tests.faults.soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(RATE),--rate $(RATE))

eval: $(VENV)/.installed-dev  ## questions on the demo and on DATA=folder of real documents
	$(PY) -m tests.evals.run $(DATA)

quality: $(VENV)/.installed-dev  ## retrieval measured on DATA=folder of BEIR folders, each part alone and all together
	$(PY) -m bench.quality $(DATA)

playground: $(VENV)/.installed-dev  ## a conversation in Microsoft's Agents Playground (needs npm, node and Chromium), with pictures
	cd var && npm pack --silent @microsoft/m365agentsplayground@0.2.28 && tar xzf microsoft-m365agentsplayground-0.2.28.tgz
	$(PY) -m bench.playground var/package --home var

scale: $(VENV)/.installed-dev  ## how search grows with the index, SIZES=1000,10000,...
	$(PY) -m bench.scale $(if $(SIZES),--sizes $(SIZES)) --picture docs/pictures/scale.png

lock: $(VENV)/.installed-dev  ## resolve requirements*.txt into the lock files with hashes
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" requirements.txt -o requirements.lock
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" -c requirements.lock requirements-dev.txt -o requirements-dev.lock

audit: $(VENV)/.installed-dev  ## known vulnerabilities in what is locked (needs the network)
	$(VENV)/bin/pip-audit --require-hashes -r requirements.lock

demo: $(VENV)/.installed-dev  ## write the demo's documents and readings again from their sources
	$(PY) demo/make_documents.py
	$(PY) demo/make_readings.py

clean:  ## remove what running made; the environment stays
	rm -rf var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock | $(VENV)/bin/python
	@echo "Installing packages into $(VENV) (about a minute, once) ..."
	@$(PIP) install --no-compile --require-hashes -r requirements.lock
	@$(PY) -c $(COMPILE)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock | $(VENV)/.installed
	@echo "Installing the packages that the tests need ..."
	@$(PIP) install --no-compile --require-hashes -r requirements-dev.lock
	@touch $@

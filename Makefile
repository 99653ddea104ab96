# Everything is done in .venv, which is made when it is first needed. PYTHON chooses the interpreter (3.11 to 3.13).
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-all golden torture lock newest check bench figures install clean

.venv/pip: setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "excache needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@touch $@

.venv/demo: .venv/pip
	@echo "Installing excache into .venv (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

.venv/dev: .venv/pip requirements.lock
	@echo "Installing excache and its test tools into .venv (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ .venv/demo

demo: .venv/demo  ## simulated exchanges, a first sync and the portfolio: no key, no network
	@$(BIN)/excache demo

PYTEST = $(BIN)/python -m pytest -n 3 --dist loadgroup --no-loadscope-reorder

test: .venv/dev  ## all tests, the long proofs by a fixed sample of their cases
	@EXCACHE_TEST_SAMPLE=1 $(PYTEST)

# Of tests/e2e, which run on a server too: those that send it the most kinds of statements.
ON_A_SERVER = $(addprefix tests/e2e/test_,archives.py imports.py kills.py odd_texts.py row_order.py truth.py)

test-all: .venv/dev  ## what `make test` leaves out, a cron daemon (lent for a minute), every part of the benchmark
	@EXCACHE_TEST_SAMPLE=rest $(PYTEST)
	@EXCACHE_TEST_ENGINE=postgres $(PYTEST) tests/cache tests/sync tests/portfolio $(ON_A_SERVER)
	@EXCACHE_TEST_CRON=1 $(BIN)/python -m pytest tests/fresh/test_cron_daemon.py
	@EXCACHE_TEST_BENCHMARKS=1 $(BIN)/python -m pytest tests/benchmarks
	@$(BIN)/python -m tests.reliability --minutes 20 --seed 1 --dry guard=400 secrets,kraken=10 fuzz=6000 disk,call,kraken=20 kill,kraken=20 http,kraken=80

golden: .venv/dev  ## the screens that tests compare, written anew; read their difference before you commit it
	@EXCACHE_GOLDEN=write $(BIN)/python -m pytest tests -k golden

torture: .venv/dev  ## faults of exchanges, disks and machines, added to docs/reliability.md; MINUTES, SEED, JOBS, CASE=class,word,...
	@$(BIN)/python -m tests.reliability $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS)) $(CASE)

lock:  ## requirements.lock: every package of development and CI by version and hash, for each Python that is supported
	@printf 'setuptools\nwheel\n' | uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		$(foreach extra,demo keyring png postgres xlsx test dev,--extra $(extra)) --output-file requirements.lock setup.cfg -

# A registry that does not answer, or has no newer version, is no fault of this project.
newest: .venv/dev  ## contracts with the newest ccxt that setup.cfg allows; its other endpoints are listed, and refused until reviewed
	@rm -rf .newest && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target .newest \
		"$$(sed -n 's/^ *\(ccxt[<>=].*\)/\1/p' setup.cfg)" || { echo "no newer ccxt: it could not be installed"; rm -rf .newest; }
	@if [ ! -d .newest ]; then exit 0; \
	elif $(BIN)/python tests/newest.py .newest; then \
		echo "the endpoints of read methods that differ from the allow-list:"; \
		PYTHONPATH=.newest $(BIN)/python -m exchange_cache.adapter.allowlist || true; \
		PYTHONPATH=.newest $(BIN)/python -m pytest -q tests/exchanges/test_policies.py tests/adapter/test_guard.py; \
	fi; code=$$?; rm -rf .newest; exit $$code

check: .venv/dev  ## lint, types, import layers, words and sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_house.py

# A plain install of its own: an editable one makes every start of Python dearer, the bare interpreter's too.
.bench/installed: setup.cfg pyproject.toml $(shell find exchange_cache -name '*.py' -o -name '*.json')
	@echo "Installing excache into .bench/venv ..."
	@rm -rf .bench/venv build && $(PYTHON) -m venv .bench/venv
	@.bench/venv/bin/python -m pip install --quiet --disable-pip-version-check '.[demo,postgres]'
	@rm -rf build && touch $@

BENCHMARKS = .bench/venv/bin/python -m benchmarks $(BENCH) $(if $(LONG),--long)

bench: .bench/installed  ## measure here; BENCH="reads fills" chooses parts, LONG=1 adds a million fills
	@$(BENCHMARKS)

figures: .bench/installed  ## the same, into docs/performance.md and the README
	@$(BENCHMARKS) --write

install: .venv/demo  ## excache in .venv/bin

clean:
	rm -rf .venv .bench build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

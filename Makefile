# Needs nothing but Python >= 3.11 with pip and venv.
PYTHON ?= python3
PIP := .venv/bin/python -m pip install -q --disable-pip-version-check
LOCK := uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --no-header

.PHONY: demo test lint bench soak fuzz mutation lock

demo: .venv/.runtime
	@.venv/bin/phasegate demo

test: lint
	.venv/bin/python -m pytest -n auto

lint: .venv/.dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# Beside real OPA, whose bindings declare a newer Python than they need.
bench: .venv/.dev
	$(PIP) --require-hashes --no-deps --ignore-requires-python -r requirements/bench.txt
	.venv/bin/python tests/bench/run.py

soak: .venv/.dev
	.venv/bin/python tests/soak/run.py --database sqlite --bodies 10000 --kills 20 --submissions 2000
	.venv/bin/python tests/soak/run.py --database postgresql --bodies 1000 --kills 20 --submissions 2000

fuzz: .venv/.dev
	.venv/bin/python tests/fuzz/run.py --mutants 20000 --posted 2000

mutation: .venv/.dev
	.venv/bin/python tests/mutation/run.py

# Needs uv; the files name no index. Raise the date to take newer releases.
lock:
	$(LOCK) --python-version 3.11 --exclude-newer 2026-11-16 pyproject.toml requirements/build.in -o requirements/runtime.txt
	$(LOCK) --python-version 3.11 --exclude-newer 2026-11-16 -c requirements/runtime.txt --group dev pyproject.toml requirements/build.in -o requirements/dev.txt
	$(LOCK) --python-version 3.11 --exclude-newer 2026-11-16 --group clients -o requirements/clients.txt
	$(LOCK) --python-version 3.14 --exclude-newer 2026-11-16 -c requirements/dev.txt requirements/bench.in -o requirements/bench.txt

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.runtime .venv/.dev: .venv/.%: requirements/%.txt pyproject.toml clients/ci/pyproject.toml .venv/bin/python
	$(PIP) --no-deps --require-hashes -r $<
	$(PIP) --no-deps --no-build-isolation -e . -e clients/ci
	touch $@

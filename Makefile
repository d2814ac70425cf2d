# Each target sets up what it needs; `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: .venv/done  ## .venv with the command and all that its tests need

.venv/done: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . --group test
	@touch .venv/done

report: setup  ## the main job on the embedded example: build/openmoji/report.html
	$(BIN)/precipice report build/openmoji --example openmoji

test: setup lint  ## the whole suite
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

peers: setup  ## ours against lifelines and pyfixest, which it installs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group peers
	$(BIN)/python -m pytest tests/oracle/test_peers.py

docs: setup  ## the documents as a site that needs no network: build/site/index.html
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group docs
	$(BIN)/python scripts/docs_site.py

spark: setup  ## Spark itself, 430 MB, in the place of its light client; the tests that need it then run (Java 17)
	$(BIN)/python -m pip uninstall --quiet --yes pyspark-client
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt $(SPARK)
	$(BIN)/python -m pytest tests/engines

# The version up to which Sail speaks; it owns the same package as the light client, and serves both.
SPARK := "pyspark[connect]==4.2.1"

lint: setup  ## style, types, layers
	$(BIN)/ruff format --check src tests benchmarks scripts studies
	$(BIN)/ruff check src tests benchmarks scripts studies
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint  ## lint and the quick tests
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not slow"

format: setup  ## put the code in form
	$(BIN)/ruff format src tests benchmarks scripts studies
	$(BIN)/ruff check --fix src tests benchmarks scripts studies

# Extras that bring torch are left out: its version is chosen where it is installed.
EXTRAS := bigquery c2pa cloud collect effects loops onnx pandas polars serve trino

constraints:  ## resolve the newest versions that fit into constraints.txt
	uv pip compile pyproject.toml $(EXTRAS:%=--extra %) --group test --group peers --group docs --universal --no-header --no-annotate --output-file constraints.txt

bench: setup  ## measure against pandas, Polars and hand-written SQL: benchmarks/results.md; loops: results_loops.md
	$(BIN)/python benchmarks/main_job.py
	$(BIN)/python benchmarks/loops.py

bench-engines: spark  ## cohort series and ingest on every engine: benchmarks/results_engines.md, results_engine_ingest.md
	$(BIN)/python benchmarks/engines.py
	$(BIN)/python benchmarks/engine_ingest.py

bench-effects: setup  ## effects at 80 placebo cutoffs beside refits with pyfixest: benchmarks/results_effects.md
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group peers
	$(BIN)/python benchmarks/effects.py

flame: setup  ## where the CPU seconds of a study's report go: docs/images/flame.svg (STUDY=DIR)
	$(BIN)/python benchmarks/flame.py report $(STUDY)

power-study: setup  ## hours: size and power of every method, resumable: studies/power/results.csv
	$(BIN)/python -m studies.power.run --jobs $(JOBS)
	$(BIN)/python -m studies.power.run --write

oracles: setup  ## minutes: closed forms of loops against simulation: studies/oracles/results.csv, docs/loop-oracles.md
	$(BIN)/python -m studies.oracles.run

coverage-study: setup  ## minutes: how often the supply's bands hold what came: studies/coverage/results.csv
	$(BIN)/python -m studies.coverage.run

marks-study: setup  ## a minute: damage marked files 10,000 times and read each: studies/marks/results.csv
	$(BIN)/python -m studies.marks.run --jobs $(JOBS)

styles-study: setup  ## a minute: the styles of two real sets of pictures: studies/styles/results.csv
	$(BIN)/python -m studies.styles.run $(if $(OPENMOJI),--openmoji $(OPENMOJI))

themes-study: setup  ## a quarter of an hour: how often tags are named wrongly, and found: studies/themes/results.csv
	$(BIN)/python -m studies.themes.run --jobs $(JOBS)

cluster-rates: spark  ## a quarter of an hour: what tasks take on Spark, for the plan: studies/cluster/tasks.csv, calls.csv
	$(BIN)/python -m studies.cluster.measure

cluster-plan: setup  ## minutes: five billion uploads on a simulated cluster: studies/cluster/results.csv, docs/cluster-plan.md
	$(BIN)/python -m studies.cluster.run

digits: setup  ## a minute: loops on handwritten digits: studies/digits/results.csv, docs/digits.md
	$(BIN)/python -m studies.digits.run

fashion: setup  ## minutes: loops on Fashion-MNIST (Debian's dataset-fashion-mnist): studies/fashion/results.csv, docs/fashion.md
	$(BIN)/python -m studies.fashion.run

fashion-neural: setup  ## a quarter of an hour, with torch: small neural models on the same pictures
	$(BIN)/python -m studies.fashion.run --neural

wheel: setup  ## build the wheel
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:  ## remove what was built
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: bench bench-effects bench-engines check clean cluster-plan cluster-rates constraints coverage-study digits docs fashion fashion-neural flame format help lint marks-study oracles peers power-study report setup spark styles-study test themes-study wheel

# Every target sets itself up: `make test` and `make demo` work as the first command on a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
export PATH := $(BIN):$(PATH)
# Node's end-of-life banner and jsii's untested-version notice would hide what the commands print.
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := true
export CDK_DISABLE_CLI_TELEMETRY := true
# Empty is unset: pip compiles nothing here, so that each module is compiled when it is first imported, and once.
export PYTHONDONTWRITEBYTECODE :=

# Some tests wait for a deployment: two processes more than there are cores.
WORKERS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 2)))
# The proof in two processes of about the same length, side by side: what the library writes, and the judge.
PROOF := python -m pytest -m proof -q -s
JUDGED := $(addprefix tests/dev/proof/test_judged_,by_engines.py ignorance.py shapes.py slips.py)
# Two commands side by side, what the second says after what the first says.
define both
	@said=$$(mktemp); $(2) > "$$said" 2>&1 & second=$$!; $(1); first=$$?; \
	  wait $$second; other=$$?; cat "$$said"; rm -f "$$said"; exit $$((first + other))
endef
prove = $(call both,$(BIN)/$(PROOF) $(addprefix --ignore=,$(JUDGED)),$(BIN)/$(PROOF) $(JUDGED))

# What CI runs in the corners of the compatibility matrix: policies, templates, snapshots, the guardrail and the kit.
CORNER_TESTS := $(addprefix tests/,access guardrail testing storage/test_settings.py storage/test_snapshots.py \
  storage/test_storage_new_bucket.py storage/test_storage_existing_bucket.py storage/test_mixins.py placement/test_placement.py) \
  -m "not local_aws and not proof"

# The tests that look at the package alone: they deploy nothing, start no browser and build no wheel.
ALONE = $(BIN)/python -m pytest -q -n $$(getconf _NPROCESSORS_ONLN) --dist worksteal -m "not local_aws and not proof" \
  $(addprefix --ignore=tests/,compliance dev distribution docs examples typing)
# Of these, the tests that need no simulated AWS, no CDK CLI, no browser and no policy engine; and not the hundreds of
# policies with each condition key.
FAST = $(ALONE) $(addprefix --ignore=tests/,agreement app/test_app.py cli guardrail/test_agreement_with_the_policy_engine.py \
  assessment/test_assessed_condition_keys.py \
  live placement report/test_report_page.py testing/test_template_snapshot_extension.py)

STYLE := $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports --no-cache && \
  $(BIN)/zizmor --offline --quiet . && $(BIN)/python -m dev.prose --clean
TYPES := $(BIN)/mypy && $(BIN)/pyright
# Compiles each module once. Otherwise every process of the tests compiles all of them, at the same time as the others.
# If the collection fails, the tests say why.
COLLECT := { $(BIN)/python -m pytest -q --collect-only -m "not proof" > /dev/null || true; }

.DEFAULT_GOAL := help
.PHONY: help setup demo test unit fast prove coverage docs publish-docs template bench lint prose corners matrix next audit \
  dist clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## Install everything into .venv and node_modules

$(VENV)/.ready: pyproject.toml package.json package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "iconik-construct needs Python 3.10 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Install a newer one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Setting up $(VENV) and node_modules, once, in a minute or two:"
	@echo "  1 of 3  a virtual environment"
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "  2 of 3  Python packages from PyPI"
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1' && \
	  $(BIN)/python -m pip install --quiet --no-compile --editable . --group dev || { \
	  echo "Could not install from PyPI. Check that this machine reaches it, or point pip to your mirror (PIP_INDEX_URL)." >&2; exit 1; }
	@echo "  3 of 3  Node packages: the CDK CLI and a browser"
	@npm ci --silent --no-audit --no-fund || { \
	  echo "Could not install from the npm registry. Check that this machine reaches it, or set your mirror: npm config set registry URL" >&2; exit 1; }
	@$(BIN)/python -c 'import iconik_construct.app'
	@touch $@

demo: setup ## Deploy the sample to a local AWS and show what iconik may do
	@$(BIN)/python -m dev.demo

test: setup ## Check style and types, and run every test but the proof
	@echo "Checking style and types, and collecting the tests."
	$(call both,$(STYLE) && $(COLLECT),$(TYPES))
	@echo "Running the tests: about six minutes on two cores."
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not proof"

unit: setup ## Run the tests of one path: make unit T=tests/access
	@test -n "$(T)" || { echo "Name a path: make unit T=tests/access" >&2; exit 2; }
	@$(BIN)/python -m pytest -q $(T)

fast: setup ## Run the tests that need no simulated AWS, no CDK CLI, no browser and no policy engine
	@$(FAST)

coverage: setup ## Run the tests that need no deployment, and show which branches of the package they reach
	@$(ALONE) --cov --cov-report=term:skip-covered --cov-report=html:build/coverage

prove: setup ## Prove what the policies allow and deny, with a policy engine, and deploy every change of an adoption
	$(prove)

docs: setup ## Build the documentation site into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet && echo "Built site/index.html"

# CI calls it. The branch gh-pages gets the site, a directory for each version. Findings link to `latest`: until the first
# release it is the site of main.
publish-docs: setup
	@test -n "$(VERSION)" || { echo "Name a version: make publish-docs VERSION=1.2.3 ALIAS=latest" >&2; exit 2; }
	@export NO_MKDOCS_2_WARNING=1 DOCS_OFFLINE=false DOCS_VERSIONS=mike; alias="$(ALIAS)"; \
	  test -n "$$alias" || $(BIN)/mike list latest > /dev/null 2>&1 || alias=latest; \
	  $(BIN)/mike deploy --push --update-aliases $(VERSION) $$alias && \
	  { test -z "$$alias" || $(BIN)/mike set-default --push $$alias; }

template: setup ## Write the plain CloudFormation template
	@$(BIN)/python -m dev.templates

bench: setup ## Measure the library beside hand-written CDK code, and keep the tables in docs/performance.md
	@$(BIN)/python -m dev.bench docs/performance.md

lint: setup ## Check style, types and the imports between the layers
	$(call both,$(STYLE),$(TYPES))

prose: setup ## Check sentence length and wording of Markdown, docstrings and messages, and count per file
	@$(BIN)/python -m dev.prose $(FILES)

# The newest interpreter that is here.
NEWEST_PYTHON := $(shell command -v python3.14 > /dev/null && python3.14 --version > /dev/null 2>&1 && echo 3.14 || echo 3.13)

corners: setup ## Test the wheel in two corners of the compatibility matrix
	@$(BIN)/nox -s "cell-3.10(cdk='floor', node='22', flags='none')" \
	  "cell-$(NEWEST_PYTHON)(cdk='newest', node='24', flags='all')" \
	  -- $(CORNER_TESTS)

matrix: setup ## Test the wheel in every cell, or in some: make matrix CELLS="-p 3.12 -k floor"
	@$(BIN)/nox -s cell $(CELLS)

next: setup ## Test the wheel on npm's newest aws-cdk-lib, before PyPI has it
	@$(BIN)/nox -s next -- $(CORNER_TESTS)

audit: setup ## Look up vulnerabilities of dependencies, and compare what checkov finds with the docs
	@$(BIN)/nox -s audit scanners
	@npm audit --audit-level=high

dist: setup ## Build wheel and sdist into dist/ and check them; with TAG=v1.2.3 as that release
	@rm -rf dist && $(BIN)/python -m hatchling build -t sdist -t wheel
	@$(BIN)/python -m pytest -q tests/distribution
	@test -z "$(TAG)" || test -f "dist/iconik_construct-$(TAG:v%=%)-py3-none-any.whl" || { \
	  echo "The tag $(TAG) is not v and the version in pyproject.toml." >&2; exit 1; }
	@test -z "$(TAG)" || grep -q '^## \[$(TAG:v%=%)\] - 20' CHANGELOG.md || { \
	  echo "CHANGELOG.md has no dated section for $(TAG:v%=%)." >&2; exit 1; }

clean: ## Remove what the commands made
	rm -rf $(VENV) node_modules cdk.out dist build site .coverage .local-aws .pytest_cache .mypy_cache .ruff_cache .hypothesis .nox

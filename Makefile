# What a newcomer types. Needs Python 3.11 to 3.14, make and git; everything else is installed into this folder.

UV_VERSION := 0.13.9
PYTHON ?= python3
PYTHONS := 3.11 3.12 3.13 3.14
UV := .uv/bin/uv
BIN := .venv/bin

# An example programme, as examples/PROGRAMME.yaml, or a file. One database keeps one programme, so each has its home.
PROGRAMME := uis
NAME := $(basename $(notdir $(PROGRAMME)))
SAMPLE := $(if $(filter uis,$(NAME)),var/sample,var/sample-$(NAME))
SAMPLE_HOME := $(if $(filter uis,$(NAME)),var,var/$(NAME))
SAMPLE_SIZE := --clients 2600 --partners 60 --months 3 --seed 1
SAMPLE_MONTHS := 2026-01..2026-03

.PHONY: help install run test check resolve serve bench docs clean

help:  ## Show what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/.installed  ## Install into .venv what the committed lock names

$(UV):
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

.venv/.installed: $(UV) uv.lock pyproject.toml
	$(UV) sync --frozen --quiet --system-certs --compile-bytecode $(if $(filter-out python3,$(PYTHON)),--python $(PYTHON))
	@touch $@

run: install  ## Make a sample vendor and settle its three months; PROGRAMME=affiliate takes another example
	@$(BIN)/settle sample $(SAMPLE) $(SAMPLE_SIZE) --programme $(PROGRAMME)
	@SETTLE_HOME=$(SAMPLE_HOME) $(BIN)/settle run $(SAMPLE_MONTHS) --from $(SAMPLE)
	@echo
	@SETTLE_HOME=$(SAMPLE_HOME) $(BIN)/settle status
	@echo "Look at a statement:  $$(ls -d $(SAMPLE_HOME)/archive/*/2026-03/v1/statements)/P-0001/statement.pdf (and .html, .json)"
	@echo "Trace its figures:    $(if $(filter-out var,$(SAMPLE_HOME)),SETTLE_HOME=$(SAMPLE_HOME) )$(BIN)/settle explain P-0001 2026-03"
	@echo "Check the archive:    $(BIN)/settle verify file://$(CURDIR)/$(SAMPLE_HOME)/archive"
	@echo "Rejected lines:       $(SAMPLE_HOME)/reports/2026-03-rejected.csv"

# Without compiled modules every program a test starts would compile them again, and some machines forbid to write them.
test: export PYTHONDONTWRITEBYTECODE :=
# Three files at a time, for two cores: some wait for servers. tests/conftest.py puts the long ones first.
test: install  ## Pass every test, also those against real servers
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=30

check: install  ## Lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

resolve: $(UV)  ## Check that the lock is up to date, and that each Python finds ready-made wheels of all it names
	$(UV) lock --check --quiet --system-certs
	@for version in $(PYTHONS); do \
		$(UV) export --frozen --quiet --no-hashes --no-emit-project | \
		$(UV) pip compile --quiet --system-certs --no-deps --only-binary :all: --python-version $$version - >/dev/null \
		&& echo "Python $$version: every package of the lock has a wheel" || exit 1; \
	done

serve: install  ## Start a Prefect server with the deployments and a worker
	SETTLE_VENDOR="$${SETTLE_VENDOR:-$(CURDIR)/$(SAMPLE)}" $(BIN)/python -m flows.serving.local_server

bench: install  ## Measure a month of 65 000 lines, 13 000 clients and 300 partners
	$(BIN)/python -m benchmarks.month

docs: install  ## Write what docs/programme.md says of each plan, from the plans themselves
	$(BIN)/python -m cli.plan_pages

clean:  ## Remove what was installed; what was settled (var) stays
	rm -rf .uv .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Short names for the calls of `mlsd`. Each sets up `.venv` first, where that was not done.
# Everything works without make too: python checks/bootstrap.py, then `mlsd` (see README.md).

PYTHON ?= python3
TASK ?=
SUBMISSIONS ?=
OUT ?= reports
BIN := .venv/bin
REBUILD ?=
# A Docker engine from elsewhere, as GitHub's machines have it, and Debian's exclude each other.
# A browser from elsewhere, such as Chrome on GitHub's machines, does as well.
ENGINES := bubblewrap $(if $(shell command -v chromium || command -v google-chrome),,chromium) $(if $(shell command -v dockerd),,docker.io) git iptables make python3-venv shellcheck

# Where `make engines` started what this machine lacked.
-include .mlsd/engines.env
export

# The learners' edition has no tests: what needs them says so.
FULL = test -d tests || { echo "make $@: this is the learners' edition; it needs the full repository" >&2; exit 2; }

.DEFAULT_GOAL := help
.PHONY: help setup engines check grade test selftest golden solution-branches lint bench

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' Makefile

setup: ## install the course's tools into .venv (nothing where that is done)
	@$(PYTHON) checks/bootstrap.py

engines: ## Debian and Ubuntu: install and start what rebuilds and all tests need
	@$(FULL)
	@$(if $(filter 0,$(shell id -u)),,sudo) sh -c "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(ENGINES) >/dev/null"
	@$(MAKE) setup
	@$(BIN)/python -m tests.engines start

check: setup ## check your work: every task, or TASK=1.1
	@$(BIN)/mlsd check $(TASK) || [ $$? -eq 1 ]

# The shell takes BRANCHES from its environment: a branch's name may hold what a shell or make would act on.
grade: setup ## grade SUBMISSIONS=DIR, or the example class; the gradebook goes to OUT=reports
	@$(BIN)/mlsd grade $(SUBMISSIONS) --out $(OUT) $(if $(TASK),--task $(TASK)) $(if $(REBUILD),--rebuild) $${BRANCHES:+--branches "$$BRANCHES"}

test: setup ## run the project's tests
	@$(FULL)
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -rfEs

selftest: setup ## let the course prove itself: starters, solutions, mistakes
	@$(BIN)/mlsd selftest $(TASK)

bench: setup ## measure: times side by side, as ratios
	@$(FULL)
	@$(BIN)/python -m benchmarks.check
	@$(BIN)/python -m benchmarks.grade
	@$(BIN)/python -m benchmarks.elsewhere
	@$(BIN)/python -m benchmarks.rebuild

golden: setup ## selftest, with each verdict held against tests/golden.json
	@$(FULL)
	@$(BIN)/python -m tests.golden $(TASK)

solution-branches: setup ## build the course's own solution as the branch BRANCHES=solution/reference
	@$(BIN)/mlsd solve $(TASK) --branch "$${BRANCHES:-solution/reference}"

lint: setup ## style, types, and who may import whom
	@$(FULL)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && for task in *_*/task*; do MYPYPATH=$${task%%/*} $(BIN)/mypy --explicit-package-bases -m $${task##*/}.test_task || exit 1; done && $(BIN)/lint-imports

# `make run` starts Waymark, `make test` tests it. Both need only make and Python 3.11 or newer with its venv module.
.DEFAULT_GOAL := help
.PHONY: help run test test-long test-content check format lock lock-content vendor ci bench bench-letters load-quiz chaos-reminders clean
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONTENT := .venv-content
JOBS ?= 2
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r
# with extras: pip takes the newest release for one that the lock doesn't name, and then finds no hash for it
LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-header --no-annotate --python-version 3.11
APPS := accounts roadmap quizzes progress mentoring reminders authoring api lms
HOUSE := $(APPS) tests bench manage.py

help:  ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# lms/child.py has the kernel end Waymark when make is killed
run: $(VENV)/run.stamp  ## Start Waymark with its own database and queue on http://localhost:8000 (WAYMARK_PORT=… for another)
	@exec $(BIN)/python -I -S lms/child.py $$PPID SIGTERM self $(BIN)/python manage.py up

test: $(VENV)/dev.stamp  ## Run all tests, browser tests too (they need Chromium on PATH)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m "not long" $(ARGS)

test-long: $(VENV)/dev.stamp  ## Run the tests that take minutes, then test-content
	@$(BIN)/python -m pytest -m "long and not libraries" $(ARGS)
	@$(MAKE) --no-print-directory test-content

test-content: $(VENV)/dev.stamp $(CONTENT)/stamp  ## Run the quizzes' programs that need large libraries
	@$(BIN)/python -m pytest -m libraries tests/test_content_questions.py

check: $(VENV)/dev.stamp  ## Look for everything a machine can see: form, types, floors, templates, migrations, spelling, files
	$(BIN)/ruff format --check $(HOUSE)
	$(BIN)/ruff check $(HOUSE)
	$(BIN)/mypy $(APPS) tests
	$(BIN)/lint-imports
	$(BIN)/djade --target-version 5.2 --check $$(git ls-files --cached --others --exclude-standard 'templates/*.html')
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/codespell
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/hadolint Dockerfile
	$(BIN)/python -m pytest -q -n 0 -p no:cacheprovider tests/test_house.py tests/house

format: $(VENV)/dev.stamp  ## Bring code and templates into form
	$(BIN)/ruff format $(HOUSE)
	$(BIN)/ruff check --fix --quiet $(HOUSE) || true
	$(BIN)/djade --target-version 5.2 $$(git ls-files --cached --others --exclude-standard 'templates/*.html')

lock: $(VENV)/dev.stamp  ## Write the locks anew after a change of requirements*.in
	$(LOCK) requirements.in -o requirements.lock
	$(LOCK) requirements-local.in -c requirements.lock -o requirements-local.lock
	$(LOCK) requirements-dev.in -c requirements-local.lock -o requirements-dev.lock

lock-content: $(VENV)/dev.stamp  ## The same after a change of requirements-content.in (needs an index with torch for the CPU)
	$(subst --universal,--python-platform x86_64-manylinux_2_28,$(LOCK)) $(if $(PIP_FIND_LINKS),--find-links $(PIP_FIND_LINKS)) requirements-content.in -o requirements-content.lock

VENDORED = htmx.org@4.0.1 katex@0.19.1
vendor:  ## Fetch the front-end files of others anew (needs npm) and say whether they are what is committed
	@work=$$(mktemp -d) && trap 'rm -rf "$$work"' EXIT && npm pack --silent --ignore-scripts --pack-destination "$$work" $(VENDORED) >/dev/null && cd "$$work" && \
	for archive in *.tgz; do mkdir "$${archive%.tgz}" && tar -xzf "$$archive" -C "$${archive%.tgz}" --strip-components 1; done && cd $(CURDIR)/static/vendor && \
	cp "$$work"/htmx.org-4.0.1/LICENSE "$$work"/htmx.org-4.0.1/dist/htmx.min.js "$$work"/htmx.org-4.0.1/dist/htmx.min.js.map htmx-4.0.1/ && \
	cp "$$work"/katex-0.19.1/LICENSE "$$work"/katex-0.19.1/dist/katex.min.js katex-0.19.1/ && \
	cp "$$work"/katex-0.19.1/dist/fonts/*.woff2 katex-0.19.1/fonts/ && \
	sed -E 's/,url\([^)]*\) format\("(woff|truetype)"\)//g' "$$work"/katex-0.19.1/dist/katex.min.css > katex-0.19.1/katex.min.css && \
	for home in */; do (cd "$$home" && sha256sum --check --quiet SHA256SUMS) || exit 1; done && echo "static/vendor holds what its SHA256SUMS say."

ci:  ## Do what the build server does
	.ci/run

bench: $(VENV)/dev.stamp  ## Measure CPU, time and queries of the main pages (ARGS="--quick" for a short look)
	@$(BIN)/python -m bench.run $(ARGS)

bench-letters: $(VENV)/dev.stamp  ## Measure how long letters are planned for in a house of a million enrollments (ARGS="100000" for a smaller one)
	@$(BIN)/python -m bench.plan_letters $(ARGS)

load-quiz: $(VENV)/dev.stamp  ## Put 2,000 learners at one quiz, kill its web processes, and look whether every answer is kept (ARGS="--short")
	@$(BIN)/python -m bench.load_quiz $(ARGS)

chaos-reminders: $(VENV)/dev.stamp  ## Kill senders, Redis and the mail server while letters leave, and look whether each leaves once (ARGS="--short")
	@$(BIN)/python -m bench.chaos_reminders $(ARGS)

$(VENV)/pip.stamp:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer, or say PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: Waymark needs Python 3.11 or newer. Say PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing: on Debian and Ubuntu, apt-get install python3-venv."; exit 1; }
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run.stamp: requirements-local.lock $(VENV)/pip.stamp
	@echo "Installing what Waymark needs (a minute or two, once) …"
	@$(INSTALL) requirements-local.lock
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/pip.stamp
	@echo "Installing what the tests need (a minute or two, once) …"
	@$(INSTALL) requirements-dev.lock
	@touch $@ $(VENV)/run.stamp

# apart from $(VENV): what the house itself runs on must not depend on what the quizzes ask about
$(CONTENT)/stamp: requirements-content.lock
	@echo "Installing what the programs in the quizzes need into $(CONTENT) (300 MB to fetch, once) …"
	@$(PYTHON) -m venv $(CONTENT)
	@$(subst $(VENV),$(CONTENT),$(INSTALL)) requirements-content.lock || { echo "Not all of it could be had. torch for the CPU is on few package indexes: requirements-content.in says how to name one."; exit 1; }
	@touch $@

clean:  ## Remove what tools left behind; data in var/ and the virtual environment stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis htmlcov test-results
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

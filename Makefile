# The commands of this project; what each promises is in README.md.
PYTHON ?= python3
RUN := .venv/bin/python
export PYTHON

.PHONY: help setup setup-test demo test check coverage bench screenshots lock

help:
	@echo "make demo         set up what is missing and serve the demo on http://127.0.0.1:8000"
	@echo "                  PORT=8001  BUREAU=hongjiang  FRESH=1 (start over)"
	@echo "make test         everything that is tested, on both databases and in a browser"
	@echo "make check        the checks and the fast tests"
	@echo "make coverage     the tests on SQLite once more, with the lines that none of them reaches"
	@echo "make bench        measurements, into benchmarks/results/latest.json"
	@echo "make screenshots  the pictures in docs/"
	@echo "make setup        the set-up alone; setup-test: with what the tests need"
	@echo "make lock         renew the pinned versions after a change of pyproject.toml"

setup:
	@sh scripts/setup.sh

setup-test:
	@sh scripts/setup.sh test

demo: setup
	@exec $(RUN) scripts/demo.py

test: setup-test
	@exec $(RUN) scripts/suite.py test

check: setup-test
	@exec $(RUN) scripts/suite.py check

coverage: setup-test
	@exec $(RUN) scripts/suite.py coverage

bench: setup-test
	@exec $(RUN) -m benchmarks

screenshots: setup-test
	@exec $(RUN) scripts/screenshots.py

lock:
	@sh scripts/lock.sh

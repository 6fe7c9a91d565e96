"""The settings of the measurements with the tests' ledger, whose rows are imported."""

from benchmarks.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.ledger"]  # noqa: F405
IMPORT_TARGETS = ["tests.ledger.imports.Lots"]

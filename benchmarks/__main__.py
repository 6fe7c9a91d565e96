"""``make bench``: runs the modules named below, prints a table, writes ``results/latest.json``."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from importlib import import_module
from io import StringIO
from pathlib import Path

MODULES = ("frame", "documents", "supply", "imports")
RESULTS = Path(__file__).parent / "results" / "latest.json"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="landbureau-bench-") as folder:
        os.environ.update(DATA_DIR=folder, DEMO="1", HTTPS="0", DJANGO_SETTINGS_MODULE="benchmarks.settings")
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("load_demo", stdout=StringIO())
        call_command("collectstatic", interactive=False, verbosity=0)
        wanted = sys.argv[1:] or MODULES
        results = [row for name in wanted for row in import_module(f"benchmarks.{name}").measure()]
    print(f"{'what':<44}{'value':>12}{'baseline':>12}{'ratio':>9}{'bar':>9}  met")
    for row in results:
        cells = [row.value, row.baseline, row.ratio, row.bar]
        numbers = "".join(
            f"{'–' if cell is None else cell:>{width}}"
            for cell, width in zip(cells, (12, 12, 9, 9), strict=True)
        )
        verdict = {None: "–", True: "yes", False: "NO"}[row.met]
        print(f"{f'{row.name} ({row.unit})':<44}{numbers}  {verdict}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([row.as_json() for row in results], ensure_ascii=False, indent=1) + "\n")
    return 1 if any(row.met is False for row in results) else 0


if __name__ == "__main__":
    sys.exit(main())

"""The program that reads a file with bounds: the file comes in, lines of JSON go out (``frames``).

It is started by its path and imports nothing of the project but the modules beside it.
"""

from __future__ import annotations

import gc
import resource
import sys
import traceback
from importlib import import_module
from pathlib import Path
from types import ModuleType


def main() -> None:
    name, seconds, memory = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for limit, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    gc.disable()  # nothing here refers to itself, and looking for it in large trees takes as long as they do
    beside = ModuleType("reading")  # this folder without its ``__init__``, which imports Django
    beside.__path__ = [str(Path(__file__).parent)]
    sys.modules["reading"] = beside

    frames, refusals, tables = (import_module(f"reading.{name}") for name in ("frames", "refusals", "tables"))
    data = sys.stdin.buffer.read()
    try:
        for frame in tables.read_tables(data, name):
            sys.stdout.write(frames.to_line(frame))
        sys.stdout.write(frames.DONE)
    except refusals.Refused as refused:
        sys.stdout.write(frames.refusal_line(str(refused)))
    except Exception:
        sys.stdout.write(frames.failure_line(traceback.format_exc()))


if __name__ == "__main__":
    main()

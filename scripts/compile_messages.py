"""Compile the .po files under landbureau/web/locale with the standard library.

Run ``python scripts/compile_messages.py`` after a change; a test compares the two files.
Django's ``compilemessages`` needs gettext's msgfmt, which a bureau's machine does not have.
"""

import ast
import struct
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "landbureau" / "web" / "locale"


def parse(text: str) -> dict[str, str]:
    """Messages of a .po file of plain ``msgid``/``msgstr`` pairs (no plurals, no contexts)."""
    messages: dict[str, str] = {}
    part, pair = "", {"msgid": "", "msgstr": ""}
    for line in [*text.splitlines(), 'msgid ""']:
        keyword, _, rest = line.partition(" ")
        if keyword in pair:
            if keyword == "msgid" and part == "msgstr":
                messages[pair["msgid"]] = pair["msgstr"]
                pair = {"msgid": "", "msgstr": ""}
            part = keyword
            pair[part] += ast.literal_eval(rest)
        elif line.startswith('"'):
            pair[part] += ast.literal_eval(line)
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"not understood: {line}")
    return messages


def compiled(messages: dict[str, str]) -> bytes:
    """The .mo file of ``messages`` (GNU gettext, little-endian, sorted, no hash table)."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    start = 28 + 16 * len(pairs)
    tables: list[bytes] = []
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<2I", len(pair[column]), start))
            start += len(pair[column]) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    texts = [pair[column] + b"\0" for column in (0, 1) for pair in pairs]
    return b"".join([head, *tables, *texts])


def main() -> None:
    for source in LOCALE.rglob("*.po"):
        source.with_suffix(".mo").write_bytes(compiled(parse(source.read_text("utf-8"))))


if __name__ == "__main__":
    main()

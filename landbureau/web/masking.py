"""Personal data as shown to those who need not know it whole."""

import re

_ID_NUMBER = re.compile(r"\d{17}[\dXx]|\d{15}")


def _middle(text: str, head: int, tail: int) -> str:
    """``text`` with all but its ends starred; of a text too short for that, at least half."""
    if 3 * (head + tail) > 2 * len(text):
        head = tail = len(text) // 4
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]


def mask_phone(value: str) -> str:
    """``13800000000`` → ``138****0000``; landlines and others keep at most three and four characters."""
    return _middle(value, 3, 4)


def mask_id(value: str) -> str:
    """An identity number: the region's six digits and the last two stay (``130530**********12``)."""
    return _middle(value, 6, 2)


def mask(value: str) -> str:
    """By what it looks like; what django-auditlog writes for a masked field (``None`` comes as text)."""
    if value in ("", "None"):
        return ""
    return mask_id(value) if _ID_NUMBER.fullmatch(value) else mask_phone(value)

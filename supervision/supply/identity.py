"""Identity numbers of land users: companies' 统一社会信用代码, persons' 身份证号. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from stdnum.cn import ric, uscc

from landbureau.web.masking import mask_id

CODE_LENGTH = 18
_BIRTH = re.compile(r"\d{6}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dX]")
_OLD_CARD = re.compile(r"\d{15}")


def normalised(text: str) -> str:
    """As it is stored: half-width, upper case, without spaces and hyphens."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def is_person(code: str) -> bool:
    """Whether it is, or looks like, the number of a person's card: not to be shown to everybody.

    Some of these also pass as a 统一社会信用代码 by chance; the day of birth decides.
    """
    return bool(_BIRTH.fullmatch(code) or _OLD_CARD.fullmatch(code))


def is_valid(code: str) -> bool:
    """Whether the check digit is right, of either kind."""
    return uscc.is_valid(code) or _is_of_person(code)


def _is_of_person(code: str) -> bool:
    """By day of birth and check digit; the list of counties is not asked: they come and go."""
    return bool(_BIRTH.fullmatch(code)) and _is_day(code[6:14]) and code[-1] == ric.calc_check_digit(code)


def _is_day(digits: str) -> bool:
    try:
        date.fromisoformat(digits)
    except ValueError:
        return False
    return True


def fault(code: str) -> str:
    """What is wrong with a code, in a few words; empty: nothing, or there is none."""
    code = code.upper()
    if not code or is_valid(code):
        return ""
    if _OLD_CARD.fullmatch(code):
        return "是 15 位的旧身份证号"
    return "校验位不符" if len(code) == CODE_LENGTH else f"不是 18 位，现为 {len(code)} 位"


def doubt(code: str) -> str:
    """``fault`` as a sentence with what to do. A warning, never a refusal."""
    found = fault(code)
    return f"{found}，请核对。" if found else ""


def shown(code: str) -> str:
    """A company's code is public; of a person's number only the ends are shown."""
    return mask_id(code) if is_person(code) else code

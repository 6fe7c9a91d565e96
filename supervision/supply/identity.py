"""Identity numbers of land users: companies' 统一社会信用代码, persons' 身份证号. Pure functions."""

from __future__ import annotations

import re
import unicodedata

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
    return bool(ric.is_valid(code) or _BIRTH.fullmatch(code) or _OLD_CARD.fullmatch(code))


def is_valid(code: str) -> bool:
    """Whether the check digit is right, of either kind."""
    return bool(ric.is_valid(code) or uscc.is_valid(code))


def doubt(code: str) -> str:
    """Why a code is probably mistyped; empty: it is right, or there is none. A warning, never a refusal."""
    if not code or is_valid(code):
        return ""
    if _OLD_CARD.fullmatch(code):
        return "15 位是旧身份证号，请尽量改填 18 位号码。"
    if len(code) != CODE_LENGTH:
        return f"统一社会信用代码和身份证号都是 18 位，现为 {len(code)} 位，请核对。"
    return "校验位不符，可能有一位录错，请核对。"


def shown(code: str) -> str:
    """A company's code is public; of a person's number only the ends are shown."""
    return mask_id(code) if is_person(code) else code

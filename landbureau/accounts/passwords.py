"""The password policy beyond Django's validators (``AUTH_PASSWORD_VALIDATORS``), and temporary passwords.

GB/T 22239-2019 (等保) 8.1.4.1 asks for complexity. Passwords do not expire by age: that makes people choose
worse ones (NIST SP 800-63B 5.1.1.2).
"""

import re
import secrets
from typing import Any

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError

CLASSES = ("[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]")
NEEDED = 3
# Without the characters that are mistaken for others when a password is read out or copied by hand.
READABLE = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"


class LengthValidator(MinimumLengthValidator):
    """Django's; its complaint has no Chinese translation in 5.2."""

    def get_error_message(self) -> str:
        return f"密码太短，至少需要 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        return f"至少 {self.min_length} 个字符。"


class CharacterClassesValidator:
    """At least three of: capital letters, small letters, digits, other characters."""

    help_text = "大写字母、小写字母、数字、符号，至少有三类。"

    def validate(self, password: str, user: Any = None) -> None:
        if _classes(password) < NEEDED:
            raise ValidationError(self.help_text, code="password_too_simple")

    def get_help_text(self) -> str:
        return self.help_text


def temporary_password() -> str:
    """A random password within the policy that can be read out: ``Kg7h-mzPa-48Rt`` (about 69 bits)."""
    while True:
        password = "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(3))
        if _classes(password) >= NEEDED:
            return password


def _classes(password: str) -> int:
    return sum(bool(re.search(pattern, password)) for pattern in CLASSES)

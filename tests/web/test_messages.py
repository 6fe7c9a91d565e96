"""What Django and its libraries say to users is Chinese, without exception."""

from __future__ import annotations

import ast
import gettext as gnu
import importlib
import io
import re
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import django_filters
import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext

from landbureau.accounts.models import User
from landbureau.web.filters import DeskFilterSet
from tests.web.pages import check_text

ROOT = Path(settings.BASE_DIR)
SOURCE = ROOT / "landbureau/web/locale/zh_Hans/LC_MESSAGES/django.po"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LIBRARIES = (
    "axes",
    "auditlog",
    "crispy_forms",
    "django_filters",
    "django_tables2",
    "guardian",
    "import_export",
)
MARKS = {"gettext", "gettext_lazy", "_", "gettext_noop"}


def compiler() -> object:
    spec = spec_from_file_location("compile_messages", ROOT / "scripts/compile_messages.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def messages_of(library: str) -> Iterator[str]:
    """Every text that a library marks as translatable, in Python and in templates."""
    folder = Path(str(importlib.import_module(library).__file__)).parent
    for path in folder.rglob("*.py"):
        if {"management", "tests"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") in MARKS
                and isinstance(node.args[0], ast.Constant)
                and node.args[0].value
            ):
                yield str(node.args[0].value)
    for path in folder.rglob("*.html"):
        for found in re.finditer(r"{%\s*trans(?:late)?\s+(['\"])(.*?)\1", path.read_text("utf-8")):
            yield found[2]


def test_the_compiled_messages_are_those_of_the_source() -> None:
    module = compiler()
    source = module.parse(SOURCE.read_text("utf-8"))  # type: ignore[attr-defined]
    compiled = SOURCE.with_suffix(".mo").read_bytes()
    assert module.compiled(source) == compiled, "run scripts/compile_messages.py"  # type: ignore[attr-defined]
    catalogue = gnu.GNUTranslations(io.BytesIO(compiled))
    for text, translation in source.items():
        if text:
            assert catalogue.gettext(text) == translation


def test_a_source_that_is_not_understood_is_an_error() -> None:
    with pytest.raises(ValueError, match="not understood"):
        compiler().parse('msgid "a"\nmsgid_plural "b"\n')  # type: ignore[attr-defined]


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_text_of_a_library_has_a_translation(library: str) -> None:
    missing = [text for text in messages_of(library) if text.strip() and not CHINESE.search(gettext(text))]
    assert missing == []


class Everything(forms.Form):
    """Every kind of field that a page has."""

    text = forms.CharField(min_length=3, max_length=5)
    number = forms.IntegerField(min_value=3, max_value=5)
    amount = forms.DecimalField(max_digits=4, decimal_places=2)
    day = forms.DateField()
    moment = forms.DateTimeField()
    hour = forms.TimeField()
    mail = forms.EmailField()
    link = forms.URLField(assume_scheme="https")
    one = forms.ChoiceField(choices=[("a", "甲")])
    many = forms.MultipleChoiceField(choices=[("a", "甲")])
    row = forms.ModelChoiceField(User.objects.none())
    rows = forms.ModelMultipleChoiceField(User.objects.none())
    file = forms.FileField()
    image = forms.ImageField()
    yes = forms.BooleanField()
    uuid = forms.UUIDField()
    pattern = forms.RegexField("^x$")


WRONG = {
    "text": "1", "number": "9", "amount": "1.234", "day": "30.2.", "moment": "x", "hour": "25", "mail": "x",
    "link": "x", "one": "b", "many": "b", "row": "9", "rows": "9", "uuid": "x", "pattern": "y",
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    "data", [{}, WRONG, WRONG | {"text": "123456", "number": "x", "amount": "x", "many": ["b", "c"]}]
)
def test_every_error_of_a_form_is_chinese(data: dict[str, str]) -> None:
    form = Everything(data)
    assert not form.is_valid()
    assert set(form.errors) >= set(data)
    for errors in form.errors.values():
        for error in errors:
            assert CHINESE.search(error), error
            check_text(str(error))


def test_filters_speak_chinese() -> None:
    class Filters(DeskFilterSet):
        active = django_filters.BooleanFilter(label="在用")
        order = django_filters.OrderingFilter(fields=[("name", "name")], label="排序")

        class Meta:
            model = User
            fields: list[str] = []

    bar = str(Filters({}, User.objects.none()).form)
    check_text(bar)
    assert "在用：是" in bar
    assert "排序：不限" in bar


@pytest.mark.parametrize("password", ["", "1234567890", "password123", "zhangsan2026"])
def test_the_password_policy_speaks_chinese(password: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_password(password, User(username="zhangsan2026", name="张三"))
    for message in [*caught.value.messages, *password_validators_help_texts()]:
        assert CHINESE.search(message), message
        check_text(message)


TECHNICAL = {"id", "content_type", "object_id", "object_pk", "serialized_data"}  # never shown to a user


def test_names_of_all_models_and_their_fields_are_chinese() -> None:
    from django.apps import apps

    ours = [m for m in apps.get_models() if m.__module__.startswith(("landbureau.", "publicservice."))]
    assert ours
    for model in ours:
        assert CHINESE.search(str(model._meta.verbose_name)), model
        for field in model._meta.get_fields():
            if isinstance(field, models.Field) and field.concrete and field.name not in TECHNICAL:
                name = str(field.verbose_name)
                assert CHINESE.search(name), f"{model.__name__}.{field.name}: {name}"

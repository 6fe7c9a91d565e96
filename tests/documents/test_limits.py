"""Figures and days that cannot be are refused where they were typed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from landbureau.documents.errors import DocumentError
from landbureau.documents.forms_draft import DraftForm
from landbureau.documents.limits import AMOUNTS, beyond_limits
from landbureau.documents.models import Document, Kind, KindField
from landbureau.documents.services import draft_document
from landbureau.documents.services.kinds import sample
from tests.documents.office import TODAY, Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def demand() -> Kind:
    return Kind.objects.get(code="payment_demand")


def samples(kind: Kind) -> dict[str, Any]:
    return {field.name: sample(field, TODAY) for field in kind.fields.all()}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("期次", "0", "不能小于 1。"),
        ("面积", "0", "不能小于 0.01平方米。"),
        ("违约金千分比", "53928", "不能大于 10‰。"),
        ("欠缴金额", "2568000.01", "不能大于应缴金额 2568000.00元。"),
        ("应缴日期", "2025-12-17", "不能早于签订日期 2025-12-18。"),
        ("限缴日期", "2027-01-07", "不能早于计算截止日期 2027-01-08。"),
    ],
)
def test_what_cannot_be_is_refused_by_form_and_service(
    demand: Kind, name: str, value: str, message: str
) -> None:
    office = Office()
    values = samples(demand) | {name: value}
    form = DraftForm(
        {f"value_{field.pk}": values[field.name] for field in demand.fields.all()},
        instance=Document(),
        kind=demand,
        sections=type(office.section).objects.filter(pk=office.section.pk),
    )
    assert form.errors[form.names_of_errors[name]] == [message]
    with pytest.raises(DocumentError, match=name) as refused:
        draft_document(
            kind=demand, addressee="某公司", values=values, section=office.section, drafter=None, today=TODAY
        )
    assert (refused.value.field, refused.value.message) == (name, name + message)


def test_the_samples_of_all_kinds_are_within_their_limits() -> None:
    for kind in Kind.objects.prefetch_related("fields"):
        assert beyond_limits(list(kind.fields.all()), samples(kind)) == {}


def test_limits_name_fields_of_their_kind() -> None:
    for field in KindField.objects.select_related("kind"):
        others = field.kind.fields.exclude(pk=field.pk)
        if field.at_most:
            assert others.get(name=field.at_most).type in AMOUNTS
        if field.not_before:
            assert others.get(name=field.not_before).type == KindField.Type.DATE


def test_what_is_empty_limits_nothing(demand: Kind) -> None:
    fields = list(demand.fields.all())
    assert beyond_limits(fields, {"欠缴金额": Decimal(9), "应缴金额": None}) == {}
    assert beyond_limits(fields, {"限缴日期": date(2026, 1, 1), "计算截止日期": ""}) == {}

"""Forms of service: the receipt with the lines of every method, and the files that prove it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.documents import receipt, services
from landbureau.documents.errors import DocumentError, ServiceRefused
from landbureau.documents.models import Document, ServiceMethod, ServiceRecord
from landbureau.documents.rules import DateRule
from landbureau.documents.selectors import server_of
from landbureau.documents.selectors_service import colleagues
from landbureau.documents.services.service import requirements
from landbureau.web.forms import DeskForm, DeskModelForm, FilesField
from landbureau.web.uploads import UploadRefused

RELATIONS = ("本人", "法定代表人", "负责人", "负责收件的人", "同住成年家属", "诉讼代理人", "指定代收人")
LISTS = {"relation": "relations", "first_server": "people", "second_server": "people"}
LONGEST_PERSON = 4  # characters of an addressee that is taken for a person


class ProofForm(DeskForm):
    """Photos or scans of the receipt."""

    proofs = FilesField(label="回证照片或扫描件", required=False)

    def keep(self, document: Document, actor: User) -> int:
        """Keep the files that are good, one by one; what is wrong with the others is said at the field."""
        kept = 0
        for file in self.cleaned_data.get("proofs", []):
            try:
                services.add_proof(document=document, actor=actor, file=file)
            except UploadRefused as refused:
                self.add_error("proofs", f"{file.name}：{refused.messages[0]}")
            except DocumentError as refused:
                self.add_error("proofs", refused.message)
            else:
                kept += 1
        return kept


class ServeForm(ProofForm, DeskModelForm):
    """The receipt. All lines are optional here: what a method needs, ``receipt.problems`` knows."""

    method: forms.ModelChoiceField[ServiceMethod] = forms.ModelChoiceField(
        label="送达方式",
        queryset=ServiceMethod.objects.all(),
        to_field_name="code",
        widget=forms.RadioSelect,
        empty_label=None,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    request_key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    class Meta:
        model = ServiceRecord
        fields = ["method", *receipt.TITLES]

    def __init__(self, *args: Any, document: Document, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document, self.actor = document, actor
        self.initial.setdefault("version", document.version)
        if self.instance.pk:
            self.initial["method"] = self.instance.method.code
        self.initial.setdefault("request_key", uuid.uuid4().hex)
        for name, title in receipt.titles(self.chosen.date_rule).items():
            self.fields[name].required = False
            self.fields[name].label, self.fields[name].help_text = title, ""
        for name, values in (
            ("relation", "relations"),
            *((f"{n}_server", "people") for n in ("first", "second")),
        ):
            self.fields[name].widget.attrs |= {"list": values, "autocomplete": "off"}
        self.relations: Sequence[str] = RELATIONS
        self.people = [person.name for person in colleagues(document, actor)]

    def _post_clean(self) -> None:
        """The rows' own checks say less than those of the receipt, which follow when it is registered."""

    @property
    def chosen(self) -> ServiceMethod:
        """The method that the form shows: the one sent, or the first."""
        sent = self["method"].value()
        methods = list(self.methods)
        return next((method for method in methods if method.code == sent), methods[0])

    @property
    def methods(self) -> Sequence[ServiceMethod]:
        if not hasattr(self, "_methods"):
            self._methods = list(ServiceMethod.objects.all())
        return self._methods

    def cards(self) -> list[dict[str, Any]]:
        """A card per method, and what the page must know to show its lines."""
        now = timezone.localtime()
        return [
            {
                "method": method,
                "checked": method == self.chosen,
                "lines": " ".join(self._lines(method)),
                "required": " ".join(self._required(method)),
                "titles": json.dumps(
                    {name: receipt.title(name, method.date_rule) for name in receipt.TITLES}
                ),
                "defaults": json.dumps({} if self.is_bound or self.instance.pk else _defaults(method, now)),
            }
            for method in self.methods
        ]

    def lines(self) -> list[dict[str, Any]]:
        """The lines in the order of the receipt, as the chosen method has them."""
        rule, shown, required = self.chosen.date_rule, self._lines(self.chosen), self._required(self.chosen)
        return [
            {
                "name": name,
                "field": self[name],
                "title": receipt.title(name, rule),
                "off": name not in shown,
                "required": name in required,
                "half": name in ("received_on", "received_at", "first_server", "second_server"),
                "methods": "、".join(method.title for method in self.methods if name in self._lines(method)),
                "always": name in receipt.ALWAYS,
            }
            for name in receipt.TITLES
        ]

    def _lines(self, method: ServiceMethod) -> tuple[str, ...]:
        return receipt.lines_of(method.date_rule, method.required)

    def _required(self, method: ServiceMethod) -> tuple[str, ...]:
        return receipt.required_lines(requirements(self.document, method, has_proof=False))

    def register(self, today: date) -> ServiceRecord | None:
        """Register what was filled in; None if it was refused, which is then said at the lines."""
        try:
            return self._register(today, **{name: self.cleaned_data[name] for name in receipt.TITLES})
        except ServiceRefused as refused:
            for name, message in refused.problems.items():
                self.add_error(name, message)
        except DocumentError as refused:
            self.add_error(refused.field if refused.field in self.fields else None, refused.message)
        return None

    def _register(self, today: date, **lines: Any) -> ServiceRecord:
        self.document.version = self.cleaned_data["version"]
        given: dict[str, Any] = {
            "actor": self.actor,
            "today": today,
            "method": self.cleaned_data["method"],
            "request_key": self.cleaned_data["request_key"],
            **lines,
        }
        if self.instance.pk:
            return services.complete_service(record=self._record(), **given)
        return services.register_service(document=self.document, **given)

    def _record(self) -> ServiceRecord:
        record = self.instance
        record.document = self.document
        return record


class CorrectForm(ServeForm):
    """A wrong registration, put right with a reason."""

    reason = forms.CharField(label="更正理由", max_length=120, required=True)

    def _register(self, today: date, **lines: Any) -> ServiceRecord:
        self.document.version = self.cleaned_data["version"]
        return services.correct_service(
            record=self._record(),
            actor=self.actor,
            today=today,
            method=self.cleaned_data["method"],
            request_key=self.cleaned_data["request_key"],
            reason=self.cleaned_data["reason"],
            **lines,
        )


def initial_lines(document: Document, actor: User) -> dict[str, Any]:
    """What is known before anybody goes: the place, who serves, and the addressee if it is a person."""
    printed = document.content.get("receipt") or {}
    server = server_of(document) or actor
    person = document.addressee if len(document.addressee) <= LONGEST_PERSON else ""
    return {
        "place": printed.get("place", ""),
        "first_server": server.name,
        "receiver": person,
        "relation": "本人" if person else "",
    }


def _defaults(method: ServiceMethod, now: datetime) -> dict[str, str]:
    """What the page fills in when a method is chosen: who registers on site does so on that day."""
    if method.date_rule in receipt.IN_PERSON:
        return {"received_on": f"{now:%Y-%m-%d}", "received_at": f"{now:%H:%M}"}
    return {"posted_on": f"{now:%Y-%m-%d}"} if method.date_rule == DateRule.RETURNED else {}

"""Forms of the desk: acts that need a word or data. The form of a draft is in ``forms_draft``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, QuerySet, When
from guardian.models import UserObjectPermission

from landbureau.accounts.models import SCOPE_MODELS, Bureau, User
from landbureau.accounts.selectors_people import BY_UNIT
from landbureau.documents.access import FAMILIES
from landbureau.documents.errors import DocumentError
from landbureau.documents.models import Document, Kind
from landbureau.web.forms import DeskForm


@contextmanager
def refusals_at(form: forms.BaseForm, names: dict[str, str] | None = None) -> Iterator[None]:
    """Show what a service refuses beside the field it concerns; ``names``: form fields of other names."""
    try:
        yield
    except DocumentError as error:
        field = (names or {}).get(error.field, error.field)
        form.add_error(field if field in form.fields else None, error.message)


class ActForm(DeskForm):
    """Base: carries the version of the document that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    next = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document = document
        self.initial.setdefault("version", document.version)

    def look_again(self, document: Document) -> None:
        """Somebody was quicker: the next submission is a decision made in that knowledge."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # what was posted
        data["version"] = str(document.version)
        self.data = data

    def arguments(self) -> dict[str, Any]:
        """What the service is given besides document, actor and day."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("version", "next")}


class ReasonForm(ActForm):
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))
    field_order = ["reason"]


class VoidForm(ReasonForm):
    redraft = forms.BooleanField(label="作废后按原内容重新拟稿", required=False)

    def arguments(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class SealFields(DeskForm):
    """A line of the register of the seal; also for many documents at once."""

    sealed_on = forms.DateField(label="用印日期")
    copies = forms.IntegerField(label="每件份数", min_value=1, max_value=999, initial=2)
    seal = forms.CharField(label="印章", max_length=40)
    keeper = forms.CharField(label="监印人", max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("seal", f"{Bureau.objects.get().name}公章")
        self.fields["copies"].unit = "份"  # type: ignore[attr-defined]


class SealForm(ActForm, SealFields):
    field_order = ["sealed_on", "copies", "seal", "keeper"]


class ServerChoice(forms.ModelChoiceField):
    """Who can serve a document, with the unit and the position."""

    def label_from_instance(self, obj: Any) -> str:
        return "　".join(filter(None, [obj.name, str(obj.unit or ""), obj.position]))


class HandForm(ActForm):
    server = ServerChoice(label="送达人", queryset=User.objects.none(), empty_label="请选择")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["server"]
        field.queryset = servers_for(self.document)


def servers_for(document: Document) -> QuerySet[User]:
    """Who may be told to serve it: the officers of its township first, then the people of its section."""
    holders = UserObjectPermission.objects.filter(
        permission__codename=FAMILIES[Kind.Family(document.family)].serve,
        content_type__in=[ContentType.objects.get_for_model(model).pk for model in SCOPE_MODELS],
    )
    office = document.township.office_id if document.township else None
    near = Case(
        When(office__isnull=False, office=office, then=0),
        When(section=document.section_id, then=1),
        default=2,
    )
    people = User.objects.filter(is_active=True, pk__in=holders.values("user_id"))
    return people.select_related("section", "office").order_by(near, *BY_UNIT, "name")

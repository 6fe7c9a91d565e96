"""What the forms of the acts have in common: how the supply stands, the form's key, what would follow."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField

from landbureau.accounts.models import User
from landbureau.web.forms import DeskForm, FilesField
from supervision.supply.models import Event
from supervision.supply.selectors.consequences import Consequence, consequence_of
from supervision.supply.transitions import TRANSITIONS, Situation

Service = Callable[..., Any]


class PhotosField(FilesField):
    """Photos, and nothing but photos."""

    accept = "image/jpeg,image/png,image/webp"


@dataclass(frozen=True)
class Choice:
    """What an answer asks for: ``lines`` by field name with their titles; those ``required`` are marked."""

    lines: Mapping[str, str]
    required: Sequence[str] = ()


NOTHING = Choice({})


@dataclass(frozen=True)
class Card:
    """An answer as ``web/choice.js`` reads it."""

    value: str
    title: str
    checked: bool
    choice: Choice

    @property
    def lines(self) -> str:
        return " ".join(self.choice.lines)

    @property
    def required(self) -> str:
        return " ".join(self.choice.required)

    @property
    def titles(self) -> str:
        return json.dumps(dict(self.choice.lines), ensure_ascii=False)


@dataclass(frozen=True)
class Line:
    """A field that belongs to some answers only; ``off``: not to the present one."""

    field: BoundField
    title: str
    off: bool
    required: bool


class ActForm(DeskForm):
    """Base of the acts. ``name``: of the act; ``told``: what is said when it is done.

    ``request_key`` tells a form that was sent twice. ``chooser``: the radio on whose answer (``choices_of``)
    it hangs which lines are asked for.
    """

    name: ClassVar[str]
    told: ClassVar[str]
    dangerous: ClassVar[bool] = False
    button: ClassVar[str] = ""
    note_above: ClassVar[str] = ""
    chooser: ClassVar[str] = ""
    long_answers: ClassVar[bool] = False
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, now: Situation, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.actor = now, actor
        self.initial.setdefault("request_key", uuid.uuid4())
        self.prepare()

    def prepare(self) -> None:
        """Fill choices and initial values from how the supply stands."""

    @property
    def service(self) -> Service:
        raise NotImplementedError

    def arguments(self) -> dict[str, Any]:
        """What the service is given besides supply, actor and day."""
        return dict(self.cleaned_data)

    def run(self, today: date) -> Any:
        """Do it. Raises ``SupplyError``."""
        return self.service(supply=self.now.supply, actor=self.actor, today=today, **self.arguments())

    def message(self) -> str:
        return self.told

    def values(self) -> dict[str, Any]:
        """What is filled in as far as it is right; before anything is sent, what the form begins with."""
        if self.is_bound:
            self.is_valid()
            return dict(self.cleaned_data)
        found = {}
        for name, field in self.fields.items():
            try:
                found[name] = field.clean(self.get_initial_for_field(field, name))
            except forms.ValidationError:
                continue
        return found

    # --- Lines that belong to some answers only ---------------------------------------------------------

    def choices_of(self) -> Mapping[str, Choice]:
        """What each answer of the chooser asks for."""
        return {}

    @property
    def cards(self) -> list[Card]:
        chosen, known = self._chosen, self.choices_of()
        return [
            Card(str(value), word, str(value) == chosen, known.get(str(value), NOTHING))
            for value, word in self.fields[self.chooser].choices  # type: ignore[attr-defined]
        ]

    @property
    def lines(self) -> dict[str, Line]:
        """By field name: those that not every answer asks for, or that it calls otherwise."""
        known = self.choices_of()
        here = known.get(self._chosen, NOTHING)
        names = dict.fromkeys(name for choice in known.values() for name in choice.lines)
        return {
            name: Line(
                self[name],
                here.lines.get(name, str(self.fields[name].label)),
                name not in here.lines,
                name in here.required,
            )
            for name in names
        }

    @property
    def rows(self) -> list[tuple[BoundField, Line | None]]:
        """The visible fields in their order, each with its line if it is one."""
        lines = self.lines
        return [(field, lines.get(field.name)) for field in self.visible_fields()]

    @property
    def _chosen(self) -> str:
        value = self[self.chooser].value() if self.chooser else ""
        return "" if value is None else str(value)

    def consequence(self) -> Consequence:
        """What saving would bring about."""
        return consequence_of(self.name, self.now, self.values())


class DayForm(ActForm):
    """An act on something that happened on a day: today, unless said otherwise."""

    on = forms.DateField(label="日期")
    day_label: ClassVar[str] = "日期"

    def __init__(self, *args: Any, now: Situation, **kwargs: Any) -> None:
        super().__init__(*args, now=now, **kwargs)
        self.fields["on"].label = self.day_label
        self.initial.setdefault("on", now.today)
        self.fields["on"].widget.attrs["max"] = now.today.isoformat()

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.now.today:
            raise forms.ValidationError("日期不能晚于今天。")
        return on


def text(label: str, *, required: bool = True, rows: int = 3, help_text: str = "") -> forms.CharField:
    """A few sentences: as much as an event keeps beside what it says itself."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
    )


def money(label: str, *, required: bool = True, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=0,
        max_digits=16,
        decimal_places=2,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )


def area(label: str, *, required: bool = True, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=0,
        max_digits=14,
        decimal_places=2,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )


class StepForm(ActForm):
    """An act that answers a step within the office; of several one is chosen."""

    step_label: ClassVar[str] = "办理事项"
    step = forms.TypedChoiceField(label="办理事项", widget=forms.RadioSelect)

    def __init__(self, *args: Any, now: Situation, actor: User, **kwargs: Any) -> None:
        self.steps = {str(step.pk): step for step in TRANSITIONS[self.name].steps_for(actor, now)}
        super().__init__(*args, now=now, actor=actor, **kwargs)
        field: Any = self.fields["step"]
        field.label = self.step_label
        field.choices = [(key, self.describe(step)) for key, step in self.steps.items()]
        field.coerce = self.steps.get
        if self.initial.get("step") not in self.steps:
            self.initial["step"] = next(iter(self.steps), None)
        if len(self.steps) == 1:
            field.widget = forms.HiddenInput()

    @property
    def chosen(self) -> Event | None:
        """The step that the form is about: the one sent, or the first."""
        return self.steps.get(str(self["step"].value()))

    def describe(self, step: Event) -> str:
        """The step in one line, to choose it by."""
        return "　".join(value for _, value in self.facts_of(step) if value)

    def facts_of(self, step: Event) -> list[tuple[str, str]]:
        """The step as it was entered: names and values."""
        return [
            (self.step_label, f"{step.on} {step.recorded_by or '台账导入'}"),
            ("环节", step.get_track_display()),
            ("原因", step.get_cause_display()),
            ("事实和理由", step.remark),
        ]

    def facts(self) -> list[tuple[str, str]]:
        """What is shown of the only step that there is to answer."""
        step = self.chosen if len(self.steps) == 1 else None
        return [(name, value) for name, value in self.facts_of(step) if value] if step else []

"""The form of a visit: what the officer sees, in the order of the work on the site."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone

from landbureau.accounts.models import User
from landbureau.web.forms import DeskForm, FilesField
from landbureau.web.lists import is_key
from landbureau.web.uploads import UploadRefused
from supervision.supply import words
from supervision.supply.errors import SupplyError
from supervision.supply.models import DeviationKind, Event, Photo
from supervision.supply.models.events import CauseChoice, FindingChoice
from supervision.supply.rules import Cause, Finding, StageState
from supervision.supply.rules.looks import Look, asks_since, findings_for, is_late
from supervision.supply.selectors.visits import STARTED_BY
from supervision.supply.services.photos import add_draft_photo, waiting_photos
from supervision.supply.services.visits import Position, Sighting, record_visit
from supervision.supply.transitions import Situation

YES_NO = (("1", "是"), ("0", "否"))
PREFIX = "found_"
"""Of the fields that ask for a deviation, before its code."""
SINCE = {Finding.STARTED: "实际开工日期", Finding.STOPPED: "停工起始日期", Finding.COMPLETED: "实际竣工日期"}
CAUSE = {
    Finding.NOT_STARTED: "未开工原因（初步）",
    Finding.UNDER_WAY: "未竣工原因（初步）",
    Finding.STOPPED: "停工原因（初步）",
}
ELSEWHERE = {"position": "no_position_reason", "on": "at"}
"""Where an error is shown whose field is no input."""
EARLIEST = date(2000, 1, 1)  # where the contract has no date
CLOCKS_DIFFER = timedelta(minutes=10)
"""How far a phone may be ahead."""


@dataclass(frozen=True)
class Block:
    """A question that belongs to some findings: ``shown`` and ``needed`` are their codes; titles by code."""

    field: BoundField
    shown: str
    needed: str
    titles: str
    title: str
    off: bool
    required: bool


class VisitForm(DeskForm):
    """``now``: the supply as of the day of the visit, before it. Money is typed in 万元, kept in yuan."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    draft_key = forms.UUIDField(widget=forms.HiddenInput)
    photos = FilesField(label="现场照片", required=False)
    longitude = forms.DecimalField(
        label="经度", required=False, min_value=-180, max_value=180, max_digits=20, decimal_places=15
    )
    latitude = forms.DecimalField(
        label="纬度", required=False, min_value=-90, max_value=90, max_digits=20, decimal_places=15
    )
    accuracy = forms.FloatField(label="定位精度", required=False, min_value=0, max_value=100_000)
    no_position_reason = forms.CharField(label="不能定位的原因", required=False, max_length=80)
    finding = forms.ChoiceField(
        label="建设状况", widget=forms.RadioSelect, error_messages={"required": "请选择。"}
    )
    since = forms.DateField(label="日期", required=False)
    started_by = forms.ChoiceField(
        label="认定开工的依据", required=False, choices=tuple(STARTED_BY.items()), widget=forms.RadioSelect
    )
    cause = forms.ChoiceField(
        label="原因（初步）", required=False, choices=CauseChoice.choices, widget=forms.RadioSelect
    )
    developed_area = forms.DecimalField(
        label="已动工开发面积", required=False, min_value=0, max_digits=14, decimal_places=2
    )
    invested = forms.DecimalField(
        label="累计已投资额", required=False, min_value=0, max_digits=14, decimal_places=6
    )
    board_up = forms.ChoiceField(
        label="公示牌仍悬挂",
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择。"},
    )
    remark = forms.CharField(
        label="情况说明", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    companions = forms.CharField(label="同行人员", required=False, max_length=80)
    at = forms.DateTimeField(label="巡查时间")

    def __init__(
        self, *args: Any, now: Situation, asked: Sequence[DeviationKind], actor: User, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.asked, self.actor = now, asked, actor
        self.initial.setdefault("request_key", uuid.uuid4())
        self.initial.setdefault("draft_key", uuid.uuid4())
        self.initial.setdefault("at", timezone.localtime().replace(second=0, microsecond=0))
        found: Any = self.fields["finding"]
        found.choices = [(one.value, FindingChoice(one.value).label) for one in findings_for(now.view)]
        if len(found.choices) == 1:
            self.initial.setdefault("finding", found.choices[0][0])
        if now.view.start.state != StageState.REACHED:
            found.label = "是否已开工"
        for name in ("longitude", "latitude", "at"):
            self.fields[name].widget.attrs["class"] = "form-control"
        self._ask_about_the_board()
        for kind in asked:
            self.fields[f"{PREFIX}{kind.code}"] = forms.ChoiceField(
                label=kind.title,
                choices=YES_NO,
                initial="0",
                widget=forms.RadioSelect,
                help_text=kind.measure,
            )

    def _ask_about_the_board(self) -> None:
        """Only after the handover; as long as it does not hang, seeing it is news."""
        if self.now.view.handover.actual_on is None:
            del self.fields["board_up"]
        elif self.now.view.handover.board_on is None:
            self.fields["board_up"].label = "公示牌已悬挂"

    # --- What it is made of, for the template ---------------------------------------------------------------

    @property
    def chosen(self) -> Finding | None:
        value = self["finding"].value()
        return next((finding for finding in self.findings if finding == value), None)

    @property
    def findings(self) -> list[Finding]:
        return list(findings_for(self.now.view))

    def _block(self, name: str, shown: Sequence[Finding], needed: Sequence[Finding], titles: Any) -> Block:
        titles = {finding.value: titles[finding] for finding in shown if finding in titles}
        chosen = self.chosen
        usual = str(self.fields[name].label)
        return Block(
            field=self[name],
            shown=" ".join(shown),
            needed=" ".join(needed),
            titles=json.dumps(titles, ensure_ascii=False),
            title=titles.get(chosen, usual) if chosen else usual,
            off=chosen not in shown,
            required=chosen in needed,
        )

    @property
    def since_block(self) -> Block:
        asked = [finding for finding in self.findings if asks_since(finding, self.now.view)]
        return self._block("since", asked, asked, SINCE)

    @property
    def started_block(self) -> Block:
        asked = [finding for finding in self.findings if finding == Finding.STARTED]
        return self._block("started_by", asked, asked, {})

    @property
    def cause_block(self) -> Block:
        late = [finding for finding in self.findings if is_late(finding, self.now.view)]
        asked = {Finding.NOT_STARTED, *late} & set(self.findings)
        return self._block("cause", [one for one in self.findings if one in asked], late, CAUSE)

    @property
    def area_block(self) -> Block:
        built = [finding for finding in self.findings if finding != Finding.NOT_STARTED]
        return self._block("developed_area", built, [], {})

    @property
    def switches(self) -> list[BoundField]:
        """Questions that are answered by 是 or 否."""
        names = ["board_up"] if "board_up" in self.fields else []
        return [self[name] for name in [*names, *(f"{PREFIX}{kind.code}" for kind in self.asked)]]

    @property
    def asks_when_started(self) -> bool:
        """A completion without a start on record: the remark says what is known of the start."""
        return self.now.view.start.state != StageState.REACHED

    @property
    def last_known(self) -> dict[str, Any]:
        """Area and investment of the last record that says them."""
        facts = self.now.facts
        return {
            "developed_area": facts.latest("developed_area"),
            "invested": words.in_wan(facts.latest("invested")),
        }

    # --- What was sent -----------------------------------------------------------------------------------

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        now = timezone.now()
        if at > now + CLOCKS_DIFFER:
            raise forms.ValidationError("巡查时间不能晚于现在。")
        earliest = self.now.facts.signed_on or EARLIEST
        if timezone.localdate(at) < earliest:
            raise forms.ValidationError(f"巡查时间不能早于 {earliest}（签订日期）。")
        return min(at, now)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        finding = self._finding
        if finding is not None:
            view = self.now.view
            if is_late(finding, view) and not cleaned.get("cause"):
                self._need("cause", "请选择。")
            if asks_since(finding, view) and not cleaned.get("since"):
                self._need("since", "请填写日期。")
            if finding == Finding.STARTED and not cleaned.get("started_by"):
                self._need("started_by", "请选择。")
        if self.position is None and not cleaned.get("no_position_reason"):
            self._need("no_position_reason", "请定位；不能定位的，请说明原因。")
        if self.deviations and not cleaned.get("remark"):
            self._need("remark", "发现问题的，请在情况说明中写明。")
        return cleaned

    def _need(self, name: str, message: str) -> None:
        if name not in self.errors:
            self.add_error(name, message)

    @property
    def _finding(self) -> Finding | None:
        value = self.cleaned_data.get("finding")
        return Finding(value) if value else None

    @property
    def deviations(self) -> list[DeviationKind]:
        """Those that were found."""
        return [kind for kind in self.asked if self.cleaned_data.get(f"{PREFIX}{kind.code}") == "1"]

    @property
    def position(self) -> Position | None:
        sent = self.cleaned_data
        longitude, latitude = sent.get("longitude"), sent.get("latitude")
        if longitude is None or latitude is None:
            return None
        six = Decimal("0.000001")
        accuracy = sent.get("accuracy")
        return Position(
            longitude.quantize(six), latitude.quantize(six), None if accuracy is None else round(accuracy)
        )

    @property
    def day(self) -> date:
        at: datetime | None = self.cleaned_data.get("at")
        return timezone.localtime(at).date() if at else self.now.today

    def look(self) -> Look | None:
        """What the answers say so far; None: nothing yet."""
        finding = self._finding
        if finding is None:
            return None
        sent, view = self.cleaned_data, self.now.view
        since = sent.get("since") if asks_since(finding, view) else None
        return Look(
            on=self.day,
            finding=finding,
            since=min(since, self.day) if since else None,
            cause=Cause(sent["cause"]) if sent.get("cause") and finding in CAUSE else None,
            board_posted=sent.get("board_up") == "1" and view.handover.board_on is None,
        )

    @property
    def board_gone(self) -> bool:
        return self.cleaned_data.get("board_up") == "0"

    def sighting(self) -> Sighting:
        """Answers to questions that were not asked with this finding are left out."""
        sent, finding = self.cleaned_data, Finding(self.cleaned_data["finding"])
        wan = sent.get("invested")
        return Sighting(
            finding=finding.value,
            cause=sent["cause"] if finding in CAUSE else "",
            since=sent["since"] if asks_since(finding, self.now.view) else None,
            started_by=sent["started_by"] if finding == Finding.STARTED else "",
            developed_area=sent["developed_area"] if finding != Finding.NOT_STARTED else None,
            invested=None if wan is None else (wan * words.WAN).quantize(Decimal("0.01")),
            board_up={"1": True, "0": False}.get(sent.get("board_up", "")),
            answers={kind.code: sent[f"{PREFIX}{kind.code}"] == "1" for kind in self.asked},
            companions=sent["companions"],
            remark=sent["remark"],
        )

    # --- Photos -------------------------------------------------------------------------------------------

    @property
    def kept_keys(self) -> list[int]:
        """Photos of the draft that belong to the visit, in their order; without those ticked for removal."""
        data: Any = self.data
        if not hasattr(data, "getlist"):
            return []
        dropped = set(data.getlist("drop"))
        return [int(key) for key in data.getlist("kept") if is_key(key) and key not in dropped][:500]

    def keep_files(self, today: date) -> list[int]:
        """Keep what came with the form itself (without JavaScript); the keys of all photos, these included.

        A file that is not good is named at the field; the others are kept.
        """
        keys = self.kept_keys
        draft_key: uuid.UUID | None = self.cleaned_data.get("draft_key")
        for file in self.cleaned_data.get("photos", []):
            if draft_key is None:
                break
            try:
                photo = add_draft_photo(
                    supply=self.now.supply, draft_key=draft_key, actor=self.actor, file=file, today=today
                )
            except UploadRefused as refused:
                self.add_error("photos", f"{file.name}：{refused.messages[0]}")
            except SupplyError as error:
                self.add_error("photos", error.message)
            else:
                keys.append(photo.pk)
        if not keys and "photos" not in self.errors:
            self.add_error("photos", "请至少上传一张现场照片。")
        return keys

    def kept_photos(self, keys: Sequence[int]) -> list[Photo]:
        """Those of the draft that are shown again."""
        draft_key = self.cleaned_data.get("draft_key") if self.is_bound else None
        if draft_key is None:
            return []
        rows = waiting_photos(actor=self.actor, supply=self.now.supply, draft_key=draft_key)
        return [photo for photo in rows if photo.pk in set(keys)]

    def record(self, keys: Sequence[int], today: date, on_trouble: Any) -> Event | None:
        """Record it; None: refused, with the reason at its field."""
        sent = self.cleaned_data
        try:
            return record_visit(
                supply=self.now.supply,
                actor=self.actor,
                today=today,
                at=sent["at"],
                seen=self.sighting(),
                photos=keys,
                draft_key=sent["draft_key"],
                position=self.position,
                no_position_reason=sent["no_position_reason"],
                request_key=sent["request_key"],
                on_trouble=on_trouble,
            )
        except SupplyError as error:
            name = ELSEWHERE.get(error.field, error.field)
            self.add_error(name if name in self.fields else None, error.message)
            return None

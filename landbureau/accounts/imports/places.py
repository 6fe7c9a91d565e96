"""Townships and villages as tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from landbureau.accounts.imports.names import Names, stem
from landbureau.accounts.models import Township, TownshipOffice, User, Village
from landbureau.accounts.services.imports import open_offices, save_townships, save_villages
from landbureau.imports.targets import Column, Current, Key, Row, Target, Update
from landbureau.imports.values import Code, Integer, Text

MOST_ORDER = 32767  # what the model's field holds
ORDER = Integer(0, MOST_ORDER)
ORDER_HEADS = ("排序", "顺序", "巡查顺序")


def _ask_if_same(row: Row, column: str, typed: str, held: str, within: str = "") -> str | None:
    """Whether a place that is called a little differently is the one that is known (``within`` another)."""
    answer = row.ask(
        column,
        "same_place",
        f"系统中{within}有“{held}”，是否就是它？",
        held,
        ((held, f"是“{held}”"), (typed, f"不是，新增“{typed}”")),
    )
    if answer not in (None, held, typed):
        row.error(column, "same_place", f"答复应为“{held}”或“{typed}”。")
        return None
    return answer


class Townships(Target):
    """乡镇."""

    name = "townships"
    title = "乡镇"
    unit = "个"
    permission = "update_config"
    list_url = "people:bureau"
    key = ("name",)
    columns = (
        Column("name", "乡镇", Text(40), ("乡镇名称", "名称", "乡镇（街道）", "街道"), required=True),
        Column(
            "code",
            "行政区划代码",
            Code(12, "[0-9]{9}|[0-9]{12}", "行政区划代码", hint="9 位或 12 位数字"),
            ("区划代码", "代码"),
        ),
        Column("office", "国土所", Text(40), ("所属国土所", "国土资源所", "自然资源所"), carry_down=True),
        Column("order", "路线顺序", ORDER, ORDER_HEADS),
    )

    def prepare(self) -> None:
        townships = Township.objects.select_related("office")
        if self.writes:
            townships = townships.select_for_update(no_key=True, of=("self",))
        self.held = {township.name: township for township in townships.order_by("pk")}
        self.names = Names((name, name) for name in self.held)
        self.stems = {stem(name): name for name in self.held}
        self.last = max((township.order for township in self.held.values()), default=0)
        self.offices = Names((office.name, office) for office in TownshipOffice.objects.all())
        self.new: list[str] = []  # townships of this file that the system does not have yet
        self.opened: list[str] = []  # and their offices

    def check(self, rows: Sequence[Row]) -> None:
        for row in rows:
            name = self._name(row)
            if name is None:
                continue
            row.values["name"] = name
            held = self.held.get(name)
            self._check_office(row, held)
            if row.failed:
                continue
            if held:
                if "order" in row.values and row.values["order"] is None:
                    row.values["order"] = held.order
            elif row.values.get("order") is None:
                self.last = min(self.last + 1, MOST_ORDER)
                row.values["order"] = self.last

    def _name(self, row: Row) -> str | None:
        typed: str = row.values["name"]
        if known := self.names.find(typed):
            return known
        like = self.stems.get(stem(typed))
        return _ask_if_same(row, "name", typed, like) if like else typed

    def _check_office(self, row: Row, held: Township | None) -> None:
        typed = row.values.get("office")
        if typed is None:
            if held is None or "office" in row.values:
                row.error("office", "required", "乡镇要有所属的国土所，请填写。")
            return
        office = self.offices.find(typed)
        row.values["office"] = office.name if office else self._ask_office(row, typed)

    def _ask_office(self, row: Row, typed: str) -> str | None:
        """An office of the bureau, or ``typed`` itself: it is to be created."""
        nearest = self.offices.nearest(typed)
        others = [name for name in self.offices.all() if name not in nearest]
        answer = row.ask(
            "office",
            "unknown_office",
            "没有这个国土所，是否应为最接近的一个？" if nearest else "没有这个国土所，是否新建？",
            nearest[0] if nearest else typed,
            (*((name, name) for name in (*nearest, *others)), (typed, f"新建“{typed}”")),
        )
        if answer in (None, typed):
            return answer
        if (office := self.offices.find(answer or "")) is None:
            row.error("office", "unknown_office", f"没有“{answer}”这个国土所，请改正。")
            return None
        return office.name

    def current(self, keys: Collection[Key]) -> Mapping[Key, Current]:
        """As ``prepare`` has read (and locked) them: there are some tens."""
        return {
            (name,): Current(self.held[name].pk, _values(self.held[name]))
            for (name,) in keys
            if name in self.held
        }

    def everything(self) -> Mapping[Key, str]:
        return {(name,): name for name in self.held}

    def write(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        rows = [*created, *(update.row for update in updated)]
        if new := self._new_offices(rows):
            offices = open_offices(names=new, actor=cast(User | None, self.actor))
            self.offices = Names((*self.offices.items(), *((office.name, office) for office in offices)))
        fields = sorted({name for update in updated for name in update.changed})
        save_townships(
            created=[self._township(row.values) for row in created],
            changed=[
                self._township({**update.current.values, **update.row.values}, update.current.pk)
                for update in updated
            ],
            fields=fields,
        )

    def _new_offices(self, rows: Iterable[Row]) -> list[str]:
        named = (row.values["office"] for row in rows if "office" in row.values)
        return list(dict.fromkeys(name for name in named if self.offices.find(name) is None))

    def _township(self, values: Mapping[str, Any], pk: int | None = None) -> Township:
        office = self.offices.find(values["office"])
        return Township(
            pk=pk, name=values["name"], code=values.get("code") or "", office=office, order=values["order"]
        )

    def note(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        self.new += [row.values["name"] for row in created]
        offices = self._new_offices([*created, *(update.row for update in updated)])
        self.opened = list(dict.fromkeys([*self.opened, *offices]))

    def consequences(self) -> list[str]:
        return [f"新建国土所：{'、'.join(self.opened)}。"] if self.opened else []

    def export_rows(self, pks: Collection[Any] | None = None) -> Iterable[Mapping[str, Any]]:
        townships = Township.objects.select_related("office")
        if pks is not None:
            townships = townships.filter(pk__in=pks)
        return map(_values, townships)


def _values(township: Township) -> dict[str, Any]:
    return {
        "name": township.name,
        "code": township.code,
        "office": township.office.name,
        "order": township.order,
    }


class Villages(Target):
    """村居. Who makes their rounds is arranged by ``services.assign_villages``, not by a table."""

    name = "villages"
    title = "村居"
    unit = "个"
    permission = "update_config"
    list_url = "people:bureau"
    key = ("township", "name")
    columns = (
        Column(
            "township",
            "乡镇",
            Text(40),
            ("所属乡镇", "所在乡镇", "乡镇名称", "乡镇（街道）", "街道"),
            required=True,
            carry_down=True,
        ),
        Column(
            "name",
            "村居",
            Text(40),
            ("村", "村名", "村（居）委会", "行政村", "村居名称", "村委会", "社区"),
            required=True,
        ),
        Column("order", "路线顺序", ORDER, ORDER_HEADS),
    )

    def prepare(self) -> None:
        townships = Township.objects.order_by("pk")
        if self.writes:  # villages are changed under the lock of their township, here and in its form
            townships = townships.select_for_update(no_key=True)
        self.townships = Names((township.name, township) for township in townships)
        new = getattr(self.others.get(Townships.name), "new", ())  # on an earlier sheet of this file
        self.coming = Names((name, name) for name in new)
        self.held: dict[Key, Village] = {}
        self.stems: dict[Key, str] = {}
        self.last: defaultdict[str, int] = defaultdict(int)
        for village in Village.objects.select_related("township"):
            township = village.township.name
            self.held[township, village.name] = village
            self.stems[township, stem(village.name)] = village.name
            self.last[township] = max(self.last[township], village.order)

    def check(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if (township := self._township(row)) is None:
                continue
            row.values["township"] = township
            if (name := self._name(row, township)) is None:
                continue
            row.values["name"] = name
            self._place(row, township, name)

    def _township(self, row: Row) -> str | None:
        typed = row.values["township"]
        if known := self.townships.find(typed):
            return known.name
        if coming := self.coming.find(typed):
            return coming
        nearest = self.townships.nearest(typed)
        if not nearest:
            row.error("township", "unknown_township", f"没有“{typed}”这个乡镇，请先导入或登记乡镇。")
            return None
        others = [name for name in self.townships.all() if name not in nearest]
        answer = row.ask(
            "township",
            "unknown_township",
            "没有这个乡镇，是否应为最接近的一个？",
            nearest[0],
            tuple((name, name) for name in (*nearest, *others)),
        )
        if answer is None:
            return None
        if (chosen := self.townships.find(answer)) is None:
            row.error("township", "unknown_township", f"没有“{answer}”这个乡镇，请改正。")
            return None
        return chosen.name

    def _name(self, row: Row, township: str) -> str | None:
        typed: str = row.values["name"].removeprefix(township)
        if typed.isdecimal():
            row.error("name", "no_name", "村居名称不能只有数字，请核对是不是填成了数量。")
            return None
        if not typed or (township, typed) in self.held:
            return typed or None
        like = self.stems.setdefault((township, stem(typed)), typed)
        return typed if like == typed else _ask_if_same(row, "name", typed, like, township)

    def _place(self, row: Row, township: str, name: str) -> None:
        """A village keeps its place on the route; a new one comes behind the others of its township."""
        if row.values.get("order") is not None:
            return
        if held := self.held.get((township, name)):
            if "order" in row.values:
                row.values["order"] = held.order
        else:
            self.last[township] = min(self.last[township] + 1, MOST_ORDER)
            row.values["order"] = self.last[township]

    def current(self, keys: Collection[Key]) -> Mapping[Key, Current]:
        """As ``prepare`` has read them, under the lock of their townships if they are to be changed."""
        held = {key: self.held[key] for key in keys if key in self.held}
        return {key: Current(village.pk, _village_values(village)) for key, village in held.items()}

    def everything(self) -> Mapping[Key, str]:
        return {key: "　".join(key) for key in self.held}

    def write(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        save_villages(
            created=[self._village(row) for row in created],
            changed=[self._village(update.row, update.current.pk) for update in updated],
            fields=sorted({name for update in updated for name in update.changed}),
        )

    def _village(self, row: Row, pk: int | None = None) -> Village:
        township = self.townships.find(row.values["township"])
        return Village(pk=pk, township=township, name=row.values["name"], order=row.values["order"])

    def export_rows(self, pks: Collection[Any] | None = None) -> Iterable[Mapping[str, Any]]:
        villages = Village.objects.select_related("township").order_by(
            "township__order", "township__name", "order", "name"
        )
        if pks is not None:
            villages = villages.filter(pk__in=pks)
        return map(_village_values, villages)


def _village_values(village: Village) -> dict[str, Any]:
    return {"township": village.township.name, "name": village.name, "order": village.order}

"""The ledger as a target: every kind of value, a column that is carried down, questions and errors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import models

from landbureau.imports.targets import Column, Current, Key, Row, Target, Update
from landbureau.imports.values import Choice, Code, Date, Integer, Phone, Quantity, Text
from landbureau.imports.writing import insert_rows
from tests.ledger.models import Lot

TOWNSHIPS = ("新河镇", "寻寨镇", "白神首乡")
METHODS = {name: name for name in ("招标", "拍卖", "挂牌", "协议", "划拨", "租赁")}
TEXTS = {field.name for field in Lot._meta.concrete_fields if isinstance(field, models.CharField)}


class Lots(Target):
    name = "lots"
    title = "供地台账"
    unit = "宗"
    permission = "update_staff"
    key = ("number",)
    label = ("land_user",)
    columns = (
        Column("number", "电子监管号", Code(20), ("监管号", "宗地编号"), required=True),
        Column("method", "供应方式", Choice(METHODS), required=True),
        Column("land_user", "用地单位", Text(60), ("受让人", "单位名称"), required=True, carry_down=True),
        Column("credit_code", "统一社会信用代码", Code(18)),
        Column("contact", "联系人", Text(20)),
        Column("phone", "联系电话", Phone(), ("电话",), personal=True),
        Column("address", "送达地址", Text(100)),
        Column("location", "宗地坐落", Text(100), ("坐落",)),
        Column("township", "乡镇", Text(20), ("所在乡镇",), required=True, carry_down=True),
        Column("village", "村", Text(20), ("村居",)),
        Column("area", "面积", Quantity("area"), ("宗地面积", "土地面积"), required=True),
        Column("use", "用途", Text(20), ("土地用途",)),
        Column("price", "成交价款", Quantity("money"), ("出让价款", "价款")),
        Column("deposit", "定金", Quantity("money")),
        Column("signed_on", "签订日期", Date(), ("合同签订日期",), required=True),
        Column("start_on", "约定开工日期", Date(), ("开工日期",)),
        Column("completion_on", "约定竣工日期", Date(), ("竣工日期",)),
        Column("plot_ratio", "容积率", Quantity()),
        Column("instalments", "期数", Integer(0, 20)),
        Column("remark", "备注", Text(200)),
    )

    def check(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if (township := row.values.get("township")) and township not in TOWNSHIPS:
                answer = row.ask(
                    "township",
                    "unknown_township",
                    "不在乡镇名单中。",
                    TOWNSHIPS[1],
                    tuple((name, name) for name in TOWNSHIPS),
                )
                if answer is not None:
                    row.values["township"] = answer
            if (deposit := row.values.get("deposit")) and deposit > (row.values.get("price") or Decimal(0)):
                row.error("deposit", "deposit_too_large", "定金多于成交价款。")

    def current(self, keys: Collection[Key]) -> Mapping[Key, Current]:
        held = Lot.objects.filter(number__in=[number for (number,) in keys])
        if self.writes:
            held = held.select_for_update()
        names = [column.name for column in self.columns]
        return {
            (values[1],): Current(values[0], dict(zip(names, values[1:], strict=True)))
            for values in held.values_list("pk", *names)
        }

    def everything(self) -> Mapping[Key, str]:
        return {
            (number,): f"{number}　{name}" for number, name in Lot.objects.values_list("number", "land_user")
        }

    def write(self, created: Sequence[Row], updated: Sequence[Update]) -> None:
        insert_rows(Lot, [_facts(row) for row in created])
        changed = sorted({name for update in updated for name in update.changed})
        if changed:
            Lot.objects.bulk_update(
                [Lot(pk=update.current.pk, **_facts(update.row)) for update in updated], changed
            )

    def export_rows(self, pks: Collection[Any] | None = None) -> Iterable[Mapping[str, Any]]:
        lots = Lot.objects.order_by("number")
        if pks is not None:
            lots = lots.filter(pk__in=pks)
        return lots.values(*(column.name for column in self.columns)).iterator()


def _facts(row: Row) -> dict[str, Any]:
    """Blank is an empty text where the model wants one."""
    return {name: "" if value is None and name in TEXTS else value for name, value in row.values.items()}

"""The ledgers to be tried out, as ``fixtures/demo/tables/``: written once, by

    python manage.py shell -c "from supervision.supply.demo.tables import *; write_tables()"

Two that are clean (供地台账.xlsx, 供后事项.xlsx), one as an office keeps it (供地台账-待整理.csv, GB18030).
Days are absolute, as in any ledger; nothing in them is real or in the demo.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from landbureau.workdays.rules import add_months

FOLDER = settings.FIXTURES_DIR / "demo" / "tables"
LEDGER = [
    "电子监管号", "合同编号/划拨决定书编号", "供应方式", "用地单位", "统一社会信用代码/身份证号", "联系人",
    "联系电话", "送达地址", "宗地坐落", "乡镇", "村", "面积（平方米）", "用途", "成交价款（元）",
    "定金（元）", "签订日期", "约定交地日期", "约定开工日期", "约定竣工日期", "期次", "应缴日期",
    "应缴金额（元）", "第2期日期", "第2期金额（元）", "违约金千分比", "开工违约金千分比",
    "竣工违约金千分比", "容积率", "固定资产投资额（元）", "监管国土员", "备注",
]  # fmt: skip
EVENTS = [
    "电子监管号", "事项", "日期", "环节", "期次", "金额（元）", "新约定日期", "新约定竣工日期", "原因",
    "巡查结果", "已开发面积（平方米）", "已投资额（元）", "备注",
]  # fmt: skip
NAMES = (
    "新河县德馨食品有限公司", "河北万联管件制造有限公司", "邢台北辰机电有限公司", "新河县禾盛农资有限公司",
    "河北凌云传动机械有限公司", "邢台天合包装有限公司", "新河县东升建材有限公司", "河北海纳仓储有限公司",
    "邢台正大饲料有限公司", "新河县广厦置业有限公司", "河北中拓桩机有限公司", "邢台绿源环保有限公司",
    "新河县祥云纺织有限公司", "河北博远电气有限公司", "邢台盛世汽贸有限公司", "新河县民安养老服务中心",
    "河北金钻工具有限公司", "邢台沃野农机有限公司", "新河县第四幼儿园", "河北启航物流有限公司",
)  # fmt: skip
TOWNSHIPS = {
    "新河镇": ("刘建军", "东苑村"), "寻寨镇": ("王海燕", "后寻村"), "白神首乡": ("张立国", "高台村"),
    "荆家庄乡": ("孙志强", "荆东村"), "西流乡": ("李秀梅", "上流村"), "仁让里乡": ("高占平", "仁和村"),
}  # fmt: skip
USES = ("工业用地", "工业用地", "仓储用地", "商服用地")
FIRST = 901
"""Numbers from here on are not used in the demo."""
DAY = timedelta(days=1)
Row = list[Any]


def write_tables(folder: Path = FOLDER) -> None:
    """Write the three files anew."""
    ledger = [_supply(place, name) for place, name in enumerate(NAMES)]
    _workbook(folder / "供地台账.xlsx", "供地台账", LEDGER, ledger)
    events = [row for place, supply in enumerate(ledger) for row in _events(place, supply)]
    _workbook(folder / "供后事项.xlsx", "供后事项", EVENTS, sorted(events, key=lambda row: row[2]))
    (folder / "供地台账-待整理.csv").write_bytes(_messy().encode("gb18030"))


def _supply(place: int, name: str) -> Row:
    chance = Random(f"台账{place}")  # noqa: S311
    township, (officer, village) = list(TOWNSHIPS.items())[place % len(TOWNSHIPS)]
    allocated = name.endswith(("幼儿园", "服务中心"))
    signed = date(2024, 3, 4) + chance.randint(0, 800) * DAY
    area = chance.choice([6670, 10005, 13340, 20010, 26680, 33350])
    price = round(area * (66 if allocated else 190), -4)
    start = add_months(signed, 9)
    return [
        f"130530{signed.year}{'A' if allocated else 'B'}{FIRST + place:05}",
        f"新土{'划' if allocated else '让'}〔{signed.year}〕{120 + place}号",
        "划拨" if allocated else chance.choice(["挂牌", "挂牌", "拍卖", "协议"]),
        name,
        f"91130530MA0DEMO{FIRST + place}",
        chance.choice(["宋建业", "何秀芝", "罗永年", "邓桂兰", "许长青"]),
        f"138 0000 {FIRST + place:04}",
        f"{township}{village}（示例）",
        f"{township}{village}{chance.choice(['北', '南', '东', '西'])}侧",
        township,
        village,
        area,
        "公共管理与公共服务用地" if allocated else USES[place % len(USES)],
        price,
        None if allocated else round(price / 10, -4),
        signed,
        signed + 45 * DAY,
        start,
        add_months(start, 20),
        1,
        add_months(signed, 1),
        price // 2,
        add_months(signed, 12),
        price - price // 2,
        "无" if allocated else 1,
        "无" if allocated else 0.5,
        "无" if allocated else 0.5,
        "≥1.0",
        area * 3000,
        officer,
        "演示数据",
    ]


def _events(place: int, supply: Row) -> list[Row]:
    """What happened until the autumn of 2026: most in time, some late."""
    last = date(2026, 11, 16)
    number, signed, start = supply[0], supply[15], supply[17]
    rows: list[Row] = []

    def happened(kind: str, on: date, **cells: Any) -> None:
        if on <= last:
            row: Row = [number, kind, on, *[None] * (len(EVENTS) - 3)]
            for title, value in cells.items():
                row[[head.partition("（")[0] for head in EVENTS].index(title)] = value
            rows.append(row)

    late = 25 if place % 5 == 2 else -6
    happened("缴款", supply[20] - 5 * DAY, 期次=1, 金额=supply[21] - (supply[14] or 0))
    if place % 7 != 3:
        happened("缴款", supply[22] + late * DAY, 期次=2, 金额=supply[23])
    else:
        happened("催缴送达", supply[22] + 20 * DAY, 期次=2, 备注="直接送达")
    happened("交地", signed + 42 * DAY)
    happened("公示牌", signed + 50 * DAY, 备注="有照片")
    if place % 6 == 4:
        happened("巡查", start + DAY, 巡查结果="未开工", 备注="场地已围挡")
        happened("违约认定", start + 8 * DAY, 环节="开工", 原因="用地单位")
    elif place % 6 == 5:
        new = add_months(start, 6)
        happened("延期申请", start - 40 * DAY, 环节="开工", 新约定日期=new, 原因="政府原因")
        happened(
            "延期批准", start - 22 * DAY, 环节="开工", 新约定日期=new, 新约定竣工日期=add_months(new, 20)
        )
    else:
        happened("开工", start - 12 * DAY)
        happened("巡查", start - 12 * DAY, 巡查结果="已开工")
        happened(
            "巡查", start + 170 * DAY, 巡查结果="在建", 已开发面积=supply[11] // 2, 已投资额=supply[11] * 1400
        )
    return rows


def _workbook(path: Path, title: str, head: Sequence[str], rows: Sequence[Row]) -> None:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    sheet.append(head)
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center", wrap_text=True)
    for column in sheet.iter_cols(min_row=2):
        for cell in column:
            if isinstance(cell.value, date):
                cell.number_format = "yyyy-mm-dd"
        sheet.column_dimensions[column[0].column_letter].width = 16
    sheet.freeze_panes = "B2"
    book.properties.created = book.properties.modified = datetime(2026, 11, 23)  # noqa: DTZ001
    book.save(path)


MESSY_HEAD = [
    "序号", "监管编号", "合同号", "出让方式", "受让人", "信用代码", "联系人及电话", "土地位置", "乡镇",
    "面积(公顷)", "土地用途", "出让金总额(万元)", "签订时间", "开工时间", "竣工时间", "期次", "缴款日期",
    "应缴金额(万元)", "监管员",
]  # fmt: skip
MESSY = """
1|1305302025B00951|新土让【2025】151号|挂牌|新河县金穗粮油有限公司|91130530MA0DEMO951|赵金穗|西流乡桃园村北\
|西流乡|1.3340|工业用地|253.46|2025年3月6日|2025年12月6日|2027年8月6日|1|2025.4.6|126.73|李秀梅
|1305302025B00951||||||||||||||2|2026.3.6|126.73|
2|1305302025B00952|新土让〔2025〕152号|拍卖|邢台同心仓储有限公司|91130530MA0DEMO952|钱同心|白神首乡高台村南\
|白神首乡|2.0010|仓储用地|３８０．１９|２０２５年５月１２日|2026-2-12|2027-10-12|1|2025/6/12|190.10|张立国
|1305302025B00952||||||||||||||2|2026/5/12|190.09|
3|1.30530202500953E+15|新土让〔2025〕153号|挂牌|河北长青门业有限公司|91130530MA0DEMO953|孙长青|寻寨镇京广路西侧\
|寻寨镇|1.0005|工业用地|190.10|20250620|20260320|20271120|1|20250720|190.10|王海燕
4|1305302025B00954|新土让〔2025〕154号|挂牌|新河县顺达汽修有限公司|91130530MA0DEMO954|李顺达|城关镇东环路东侧\
|城关镇|0.6670|商服用地|653.66|2025年8月1日|2026年5月1日|2028年1月1日|1|2025年9月1日|653.66|刘建军
5|1305302025A00955|新土划〔2025〕31号|划拨|新河县西流中心小学||周敏|西流乡上流村东\
|西流乡|1.8009|教育用地|118.86|2025年9月9日|||1|2025年10月9日|118.86|李秀美
合计|||||||||6.8034||1596.27|||||||
"""
"""Numbers that lost digits, a township and an officer that are not there, a company told once, a sum."""


def _messy() -> str:
    """A title, units in the head, dates as text, a company told once, a number without its last digits."""
    rows: list[Row] = [
        ["新河县国有建设用地供应情况统计表"],
        MESSY_HEAD,
        *(line.split("|") for line in MESSY.split()),
        ["注：面积以实测为准。"],
    ]
    rows = [[*row, *[""] * (len(MESSY_HEAD) - len(row))] for row in rows]
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()

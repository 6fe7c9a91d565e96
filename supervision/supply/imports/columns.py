"""The columns of the ledger of supplies, with the heads that bureaus use for them (contract.md)."""

from __future__ import annotations

from itertools import product

from landbureau.imports.targets import Column
from landbureau.imports.units import AREA, MONEY
from landbureau.imports.values import Choice, Date, Phone, Quantity, Text
from supervision.supply.imports.kinds import DIGITS, Identifier, Rate, Seq
from supervision.supply.models import LandSupply

METHODS = {
    "招标出让": "tender",
    "招标方式": "tender",
    "拍卖出让": "auction",
    "拍卖方式": "auction",
    "挂牌出让": "listing",
    "挂牌方式": "listing",
    "协议出让": "agreement",
    "协议方式": "agreement",
    "划拨供地": "allocation",
    "行政划拨": "allocation",
    "国有土地租赁": "lease",
    "土地租赁": "lease",
    "出租": "lease",
    "作价出资（入股）": "contribution",
    "作价出资或入股": "contribution",
    "作价入股": "contribution",
}
LEAST_AREA, MOST_AREA = 0, 10**11  # what the model's field holds
MOST_WIDE = 12  # instalments that a row may have as columns of their own
_SUPERVISION = ("监管号", "电子监管编号", "电子监管号码", "监管编号", "土地电子监管号", "供地电子监管号")
_CONTRACT = (
    "合同编号",
    "划拨决定书编号",
    "合同号",
    "出让合同编号",
    "出让合同号",
    "土地出让合同编号",
    "土地出让合同号",
    "合同（决定书）编号",
    "决定书编号",
    "划拨决定书文号",
    "划拨决定书号",
    "租赁合同编号",
    "合同编号（划拨决定书编号）",
    "合同编号或划拨决定书编号",
)
NUMBERS = (
    Column("supervision_number", "电子监管号", Identifier(40, meaning="电子监管号"), _SUPERVISION),
    Column("contract_number", "合同编号/划拨决定书编号", Text(60), _CONTRACT),
)
MONEY_KIND = Quantity(MONEY, least=0)
AREA_KIND = Quantity(AREA, least=LEAST_AREA, most=MOST_AREA)


def _dates(*words: str) -> tuple[str, ...]:
    """约定开工, 应开工 → each with 日期 and 时间."""
    return tuple(word + end for word, end in product(words, ("日期", "时间", "日")))


OF_CONTRACT = (
    Column(
        "method",
        "供应方式",
        Choice(dict(LandSupply.Method.choices), METHODS),
        ("供地方式", "出让方式", "土地供应方式", "取得方式", "使用权取得方式", "供应类型"),
    ),
    Column(
        "land_user",
        "用地单位",
        Text(100),
        (
            "受让人",
            "受让方",
            "受让单位",
            "土地受让人",
            "土地使用权人",
            "土地使用者",
            "土地使用人",
            "使用权人",
            "用地者",
            "用地人",
            "用地单位名称",
            "用地单位（个人）",
            "项目单位",
            "建设单位",
            "单位名称",
            "企业名称",
            "竞得人",
            "竞得单位",
            "承租人",
            "划拨土地使用权人",
        ),
    ),
    Column(
        "identity",
        "统一社会信用代码/身份证号",
        Identifier(30, meaning="统一社会信用代码或身份证号"),
        (
            "统一社会信用代码",
            "社会信用代码",
            "信用代码",
            "统一信用代码",
            "身份证号",
            "身份证号码",
            "证件号码",
            "证件号",
            "证照号码",
            "组织机构代码",
            "统一社会信用代码或身份证号",
            "统一社会信用代码（身份证号）",
            "信用代码/身份证号",
        ),
        personal=True,
    ),
    Column("contact", "联系人", Text(40), ("联系人姓名", "单位联系人"), personal=True),
    Column(
        "phone",
        "联系电话",
        Phone(60),
        ("电话", "联系方式", "联系人电话", "手机", "手机号", "手机号码", "电话号码"),
        personal=True,
    ),
    Column("address", "送达地址", Text(160), ("通讯地址", "通信地址", "联系地址", "地址", "单位地址")),
    Column(
        "location",
        "宗地坐落",
        Text(160),
        (
            "坐落",
            "座落",
            "土地坐落",
            "土地座落",
            "宗地座落",
            "宗地位置",
            "土地位置",
            "地块位置",
            "项目位置",
            "位置",
        ),
    ),
    Column(
        "township",
        "乡镇",
        Text(40),
        ("所在乡镇", "所属乡镇", "乡镇名称", "乡镇（街道）", "乡（镇）", "街道", "所在乡镇（街道）"),
    ),
    Column(
        "village",
        "村",
        Text(40),
        ("村居", "村名", "所在村", "所在村居", "行政村", "村（居）委会", "村（社区）", "村庄", "社区"),
    ),
    Column(
        "area",
        "面积",
        AREA_KIND,
        (
            "宗地面积",
            "宗地总面积",
            "土地面积",
            "出让面积",
            "出让土地面积",
            "出让宗地面积",
            "供地面积",
            "供应面积",
            "划拨面积",
            "用地面积",
            "总面积",
        ),
    ),
    Column("use", "用途", Text(60), ("土地用途", "规划用途", "宗地用途", "用地性质")),
    Column(
        "price",
        "成交价款",
        MONEY_KIND,
        (
            "成交价",
            "成交价格",
            "成交金额",
            "成交总价",
            "成交总价款",
            "土地成交价款",
            "出让金",
            "出让金总额",
            "土地出让金",
            "土地出让金总额",
            "出让价款",
            "出让价款总额",
            "出让总价款",
            "出让总价",
            "土地出让价款",
            "土地价款",
            "划拨价款",
            "合同价款",
            "合同总价款",
            "合同金额",
            "价款",
            "总价款",
        ),
    ),
    Column("deposit", "定金", MONEY_KIND, ("合同定金", "出让定金", "已缴定金", "定金金额")),
    Column(
        "signed_on",
        "签订日期",
        Date(),
        (
            *_dates("合同签订", "签订合同", "签约", "出让合同签订", "划拨决定书签发", "签发"),
            "签订时间",
            "合同日期",
            "划拨决定书日期",
            "决定书日期",
            "供地日期",
            "供地时间",
        ),
    ),
    Column(
        "agreed_handover_on",
        "约定交地日期",
        Date(),
        (
            *_dates(
                "交地", "合同约定交地", "约定交付土地", "约定交付", "交付土地", "约定土地交付", "土地交付"
            ),
            "约定交地时间",
        ),
    ),
    Column(
        "agreed_start_on",
        "约定开工日期",
        Date(),
        _dates("开工", "动工", "约定动工", "合同约定开工", "合同约定动工", "应开工", "应动工")
        + _dates("约定动工开发", "动工开发")
        + ("约定开工时间",),
    ),
    Column(
        "agreed_completion_on",
        "约定竣工日期",
        Date(),
        (*_dates("竣工", "合同约定竣工", "应竣工", "约定完工", "完工"), "约定竣工时间"),
    ),
)
INSTALMENT = (
    Column("seq", "期次", Seq(), ("缴款期次", "分期期次", "期别", "第几期", "付款期次", "缴纳期次")),
    Column(
        "due_on",
        "应缴日期",
        Date(),
        _dates("约定缴款", "约定缴纳", "约定付款", "约定支付", "应缴款", "应缴纳", "应付", "付款", "缴款")
        + _dates("缴纳", "支付", "缴款截止", "缴纳截止")
        + ("应缴时间", "缴款期限", "缴纳期限", "付款期限", "支付期限", "应缴期限"),
    ),
    Column(
        "amount",
        "应缴金额",
        MONEY_KIND,
        (
            "应缴款",
            "应缴款额",
            "应缴价款",
            "应缴出让金",
            "应缴纳金额",
            "应付金额",
            "本期应缴金额",
            "本期金额",
            "每期金额",
            "分期金额",
            "缴款金额",
            "缴纳金额",
            "约定缴款金额",
            "约定缴纳金额",
            "约定支付金额",
            "支付金额",
        ),
    ),
)


def _rates(*words: str) -> tuple[str, ...]:
    ends = ("违约金千分比", "违约金比例", "违约金比率", "违约金率", "违约金标准")
    return tuple(word + end for word, end in product(words, ends))


OF_CONTRACT_TOO = (
    Column(
        "payment_rate",
        "违约金千分比",
        Rate(),
        (
            *_rates("缴款", "付款", "逾期付款", "逾期缴款", "日", "每日", "缴款日"),
            "违约金比例",
            "违约金比率",
            "违约金率",
            "违约金标准",
            "滞纳金比例",
            "滞纳金千分比",
        ),
    ),
    Column(
        "start_rate",
        "开工违约金千分比",
        Rate(),
        _rates("动工", "延期开工", "逾期开工", "延期动工", "逾期动工") + _rates("开工")[1:],
    ),
    Column(
        "completion_rate",
        "竣工违约金千分比",
        Rate(),
        _rates("延期竣工", "逾期竣工", "完工") + _rates("竣工")[1:],
    ),
    Column("plot_ratio", "容积率", Text(40), ("规划容积率", "约定容积率", "容积率要求")),
    Column(
        "investment",
        "固定资产投资额",
        MONEY_KIND,
        (
            "固定资产投资",
            "固定资产总投资",
            "固定资产投资总额",
            "投资总额",
            "总投资",
            "总投资额",
            "投资额",
            "约定投资额",
        ),
    ),
    Column(
        "officer",
        "监管国土员",
        Text(80),
        (
            "国土员",
            "监管人员",
            "监管员",
            "监管人",
            "责任人",
            "监管责任人",
            "责任国土员",
            "巡查人员",
            "巡查责任人",
        ),
    ),
    Column("remark", "备注", Text(400), ("说明", "附注")),
)


def _wide(seq: int) -> tuple[Column, Column]:
    """第2期金额, 第2期日期: an instalment as columns of the row of its supply."""
    words = [
        f"第{seq}期",
        f"第{_chinese(seq)}期",
        f"{seq}期",
        f"{_chinese(seq)}期",
        f"第{seq}次",
        f"第{_chinese(seq)}次",
    ]
    if seq == 1:
        words += ["首期", "首付", "首付款", "首期款", "首次"]
    amounts = (
        *("金额", "应缴金额", "应缴款", "应缴", "应缴价款", "应缴出让金", "缴款金额", "缴纳金额", "应付金额"),
        *("价款", "出让金", "款额", "付款金额", "出让价款", "支付金额"),
    )
    days = (
        *("日期", "时间", "应缴日期", "应缴时间", "缴款日期", "缴款时间", "缴纳日期", "缴纳时间", "付款日期"),
        *("付款时间", "缴款期限", "缴纳期限", "付款期限", "期限", "应付日期", "约定缴款日期", "约定缴纳日期"),
    )
    return (
        Column(
            f"amount_{seq}",
            f"第{seq}期金额",
            MONEY_KIND,
            tuple(word + end for word, end in product(words, amounts)),
            only_read=True,
            unit_like="amount",
        ),
        Column(
            f"due_on_{seq}",
            f"第{seq}期日期",
            Date(),
            tuple(word + end for word, end in product(words, days)),
            only_read=True,
        ),
    )


def _chinese(seq: int) -> str:
    return DIGITS[seq] if seq <= 10 else f"十{DIGITS[seq - 10]}"


WIDE = tuple(column for seq in range(1, MOST_WIDE + 1) for column in _wide(seq))
COLUMNS = (*NUMBERS, *OF_CONTRACT, *INSTALMENT, *OF_CONTRACT_TOO, *WIDE)
OF_SUPPLY = (*NUMBERS, *OF_CONTRACT, *OF_CONTRACT_TOO)
"""What is the same in all rows of one supply."""
OF_LAND_USER = ("identity", "contact", "phone", "address")
OF_PARCEL = ("location", "area", "use", "plot_ratio")

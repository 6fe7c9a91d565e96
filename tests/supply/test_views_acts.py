"""Pages of the acts: who gets them, what they show before saving, what saving does, what they refuse."""

from __future__ import annotations

import re
import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from landbureau.accounts.models import User
from landbureau.documents.models import Document
from supervision.supply.models import Event, LandSupply
from supervision.supply.services.defaults import determine_default
from supervision.supply.transitions import TRANSITIONS
from supervision.supply.views.acts import FORMS
from tests.factories import SectionFactory, UserFactory
from tests.supply.acting import CLERK, People, standing
from tests.supply.factories import TODAY, happen
from tests.web.files import photo, upload

pytestmark = pytest.mark.django_db
FIGURE = re.compile(rb'<span class="lb-num">([^<]*)</span>')


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel("2026-11-23T09:00:00+08:00"):
        yield


@pytest.fixture
def people() -> People:
    return People()


def unmarked(response: Any) -> Any:
    """Days and amounts without the mark that keeps them on one line."""
    response.content = FIGURE.sub(rb"\1", response.content)
    return response


def open_page(user: User, supply: LandSupply, act: str, **query: Any) -> Any:
    client = Client()
    client.force_login(user)
    return unmarked(client.get(reverse(f"supply:{act}", args=[supply.pk]), query))


def send(user: User, supply: LandSupply, act: str, **data: Any) -> Any:
    client = Client()
    client.force_login(user)
    data = {"request_key": uuid.uuid4(), "on": TODAY.isoformat()} | data
    return unmarked(client.post(reverse(f"supply:{act}", args=[supply.pk]), data))


def test_every_act_has_its_form() -> None:
    assert set(FORMS) == set(TRANSITIONS)


def test_four_actors(people: People) -> None:
    supply = people.supply()
    elsewhere = People.person("外科室", CLERK, on=SectionFactory())
    address = reverse("supply:payment", args=[supply.pk])
    assert Client().get(address).status_code == 302
    assert open_page(UserFactory(), supply, "payment").status_code == 403
    assert open_page(elsewhere, supply, "payment").status_code == 404
    assert open_page(people.head, supply, "payment").status_code == 403, "sees it, and may not"
    assert open_page(people.clerk, supply, "payment").status_code == 200


def test_a_page_says_why_the_act_is_possible_and_how_the_supply_stands(people: People) -> None:
    page = open_page(people.clerk, people.unstarted(), "propose_default").content.decode()
    assert "约定 2026-11-20 开工，逾期 3 天，违约金 7,704.00 元，按日0.5‰。" in page
    assert "违约，原因待认定" in page
    assert "还欠 5,136,000.00 元" in page


def test_an_act_out_of_turn_says_why(people: People) -> None:
    supply = people.supply()
    happen(supply, "start", TODAY)
    response = open_page(people.clerk, supply, "start")
    assert response.status_code == 409
    assert "现在不能登记开工：已于 2026-11-23 开工。" in response.content.decode()
    assert "<form" not in response.content.decode().split('id="main"')[1]


def test_after_the_end_only_money_can_be_registered(people: People) -> None:
    supply = people.supply()
    happen(supply, "take_back", date(2026, 11, 1))
    assert "已于 2026-11-01 终止监管" in open_page(people.clerk, supply, "handover").content.decode()
    assert open_page(people.clerk, supply, "payment").status_code == 200


def test_the_payment_form_begins_with_what_is_due_and_shows_what_it_settles(people: People) -> None:
    supply = people.supply(instalments=[(1, date(2024, 3, 1), 1000000), (2, date(2026, 12, 18), 500000)])
    page = open_page(people.clerk, supply, "payment", seq=2).content.decode()
    assert 'value="500000.00"' in page
    assert "第 2 期缴入 500,000.00 元，按期缴清，没有违约金。" in page


def test_a_preview_computes_and_writes_nothing(people: People) -> None:
    supply = people.supply(
        price=Decimal(1000000), signed_on=date(2023, 9, 1), instalments=[(1, date(2024, 3, 1), 1000000)]
    )
    happen(supply, "payment", date(2024, 3, 11), amount=Decimal(400000))

    response = send(people.clerk, supply, "payment", on="2024-04-10", amount="600000", preview="1")

    assert "缴清后违约金 28,000.00 元，按日1‰" in response.content.decode()
    assert Event.objects.filter(supply=supply, kind="payment").count() == 1

    done = send(people.clerk, supply, "payment", on="2024-04-10", amount="600000")
    assert done.status_code == 302
    assert done.url == supply.get_absolute_url()
    assert standing(supply).view.payment[0].damages == Decimal("28000.00")


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(people: People) -> None:
    page = send(people.clerk, people.supply(), "payment", on="2026-11-24", amount="77.50").content.decode()
    assert "日期不能晚于今天。" in page
    assert 'value="77.50"' in page


def test_what_the_service_refuses_stands_at_its_field(people: People) -> None:
    supply = people.supply()
    happen(supply, "payment", TODAY, amount=Decimal(100))
    page = send(people.clerk, supply, "refund", amount="200", reason="多算").content.decode()
    assert "截至 2026-11-23 已缴 100.00 元，退款不能多于已缴的。" in page
    assert 'id="id_amount"' in page
    assert not Event.objects.filter(kind="refund").exists()


def test_a_form_sent_twice_is_told_to_be_done(people: People) -> None:
    supply, key = people.supply(), uuid.uuid4()
    for _ in range(2):
        response = send(people.clerk, supply, "start", sign="基础桩全部打入", evidence="x", request_key=key)
        assert response.status_code == 302
    assert Event.objects.filter(kind="start").count() == 1


def test_a_bounced_payment_is_chosen_from_those_that_were_made(people: People) -> None:
    supply = people.supply()
    payment = happen(supply, "payment", TODAY, amount=Decimal(2568000))
    page = send(people.clerk, supply, "refund", payment=payment.pk, reason="", preview="1").content.decode()
    assert "退票单独成行" in page
    send(people.clerk, supply, "refund", payment=payment.pk, reason="账号有误")
    assert Event.objects.get(kind="refund").remark == "退票：账号有误"


def test_a_board_is_registered_with_its_photos(people: People) -> None:
    supply = people.supply()
    happen(supply, "handover", date(2026, 1, 28))
    assert "请选择文件" in send(people.officer, supply, "board").content.decode()
    response = send(
        people.officer, supply, "board", photos=[upload(photo(), "a.jpg"), upload(photo(taken=""), "b.jpg")]
    )
    assert response.status_code == 302
    assert Event.objects.get(kind="board").photos.count() == 2


def test_the_start_shows_what_a_start_is(people: People) -> None:
    supply = people.unstarted()
    assert "清表、围挡、平整场地不算开工" in open_page(people.officer, supply, "start").content.decode()
    send(people.officer, supply, "start", sign="地基施工完成三分之一", evidence="监理记录")
    assert Event.objects.get(kind="start").remark == "地基施工完成三分之一。监理记录"


def test_the_head_decides_on_the_page_and_the_proposer_is_told_why_not(people: People) -> None:
    proposal = people.proposed()
    supply = proposal.supply
    page = open_page(people.head, supply, "decide_default").content.decode()
    assert "2026-11-23 王海燕" in page

    returned = send(people.head, supply, "decide_default", step=proposal.pk, decision="return")
    assert "请写明理由。" in returned.content.decode()
    done = send(people.head, supply, "decide_default", step=proposal.pk, decision="determine")
    assert done.status_code == 302
    assert Event.objects.filter(kind="to_brigade").exists()


def test_whoever_proposed_sees_why_another_has_to_decide(people: People) -> None:
    proposal = people.proposed()
    both = People.person("兼职", (*CLERK, "approve_default"), on=people.section)
    Event.objects.filter(pk=proposal.pk).update(recorded_by=both)
    response = open_page(both, proposal.supply, "decide_default")
    assert response.status_code == 409
    assert "请由他人办理" in response.content.decode()


def test_of_two_proposals_one_is_chosen(people: People) -> None:
    supply = people.unstarted(agreed_completion_on=date(2026, 11, 22))
    start = people.proposed(supply=supply)
    completion = happen(
        supply, "determination_proposed", TODAY, track="completion", cause="government", actor=people.officer
    )
    page = open_page(people.head, supply, "decide_default", step=completion.pk).content.decode()
    assert f'value="{start.pk}"' in page
    assert "由本单位提出开工、竣工日期一并延期" in page
    send(people.head, supply, "decide_default", step=completion.pk, decision="determine")
    assert standing(supply).office.proposals == (start,)


def test_the_brigade_accepts_on_its_page(people: People) -> None:
    proposal = people.proposed()
    determine_default(
        supply=proposal.supply, step=proposal, actor=people.head, today=TODAY, opinion="情况属实"
    )
    assert open_page(people.leader, proposal.supply, "brigade_accept").status_code == 403
    transfer = Event.objects.get(kind="to_brigade")
    assert "移送函尚未印发" in open_page(people.brigade, proposal.supply, "brigade_accept").content.decode()
    people.issue_letter(transfer)
    page = open_page(people.brigade, proposal.supply, "brigade_accept").content.decode()
    assert "未见基础施工" in page, "what the officer found"
    assert "审核意见" in page
    assert "情况属实" in page, "and what the head said"
    send(people.brigade, proposal.supply, "brigade_accept", step=transfer.pk, note="已登记线索")
    assert Event.objects.get(kind="brigade_accepted").remark == "已登记线索"


def test_an_extension_goes_through_its_three_pages(people: People) -> None:
    supply = people.supply()
    page = send(
        people.clerk,
        supply,
        "apply_extension",
        track="start",
        by_office="0",
        new_due_on="2027-12-20",
        new_completion_on="2028-12-20",
        cause="government",
        ground="杆线迁移",
        preview="1",
    ).content.decode()
    assert "只作提示" in page
    applied = send(
        people.clerk,
        supply,
        "apply_extension",
        track="start",
        by_office="1",
        new_due_on="2027-05-20",
        new_completion_on="2028-11-20",
        cause="government",
        ground="杆线迁移",
    )
    assert applied.status_code == 302
    step = Event.objects.get(kind="extension_applied")
    reviewed = send(people.head, supply, "review_extension", step=step.pk, decision="agree", opinion="属实")
    assert reviewed.status_code == 302
    page = open_page(people.leader, supply, "decide_extension").content.decode()
    assert "同意：属实（赵文博，2026-11-23）" in page
    assert "开工由 2026-11-20 改为 2027-05-20" in page
    decided = send(people.leader, supply, "decide_extension", step=step.pk, decision="approve")
    assert decided.status_code == 302
    assert standing(supply).view.start.due_on == date(2027, 5, 20)


def test_a_transfer_leads_to_the_new_supply(people: People) -> None:
    supply = people.supply()
    response = send(
        people.clerk, supply, "transfer", supervision_number="1305302026B99001", land_user="演示承接公司"
    )
    new = LandSupply.objects.get(origin=supply)
    assert response.url == new.get_absolute_url()


def test_a_preview_that_comes_after_the_form_is_answered_with_nothing(people: People) -> None:
    supply = people.supply()
    happen(supply, "handover", date(2026, 1, 16))
    client = Client(headers={"hx-request": "true"})
    client.force_login(people.clerk)
    address = reverse("supply:handover", args=[supply.pk])
    assert client.post(address, {"preview": "1"}).status_code == 204
    assert client.post(address, {}).status_code == 409


@pytest.mark.parametrize("act", ["transfer", "split"])
def test_the_form_says_beforehand_that_a_number_is_needed(people: People, act: str) -> None:
    page = open_page(people.clerk, people.supply(), act).content.decode()
    assert "电子监管号和合同编号至少填一个" in page


def test_a_split_shows_what_is_left(people: People) -> None:
    supply = people.supply()
    page = send(people.clerk, supply, "split", area="6680", preview="1").content.decode()
    assert "分出 6,680.00 m²，这宗留下 20,000.00 m²" in page
    assert "分出 1,285,925.04 元，留下 3,850,074.96 元，合计 5,136,000.00 元" in page
    response = send(
        people.clerk,
        supply,
        "split",
        area="6680",
        contract_number="新土让〔2026〕900号",
        land_user="演示承接公司",
    )
    assert response.status_code == 302
    assert LandSupply.objects.get(pk=supply.pk).parcel.area == Decimal(20000)


@pytest.mark.parametrize("act", ["propose_termination", "decide_termination"])
def test_a_termination_says_what_is_owed(people: People, act: str) -> None:
    supply = people.terminable()
    if act == "decide_termination":
        happen(supply, "termination_proposed", TODAY, actor=people.head)
    page = open_page(people.leader if act == "decide_termination" else people.head, supply, act)
    assert "欠 2,068,000.00 元" in page.content.decode()


def test_queries_of_a_page_do_not_grow_with_the_facts(
    people: People, django_assert_max_num_queries: Any
) -> None:
    supply = people.supply()
    client = Client()
    client.force_login(people.clerk)
    for day in range(1, 25):
        happen(supply, "payment", date(2026, 10, day), amount=Decimal(1000))
    with django_assert_max_num_queries(30):
        client.get(reverse("supply:payment", args=[supply.pk]))


def test_the_handover_asks_for_a_photo_and_names_what_may_be_sent(people: People) -> None:
    supply = people.supply()
    page = send(people.clerk, supply, "handover").content.decode()
    assert "交地现场照片" in page
    assert "请选择文件。" in page
    assert "或 PDF" not in page
    assert standing(supply).view.handover.actual_on is None

    sent = send(people.clerk, supply, "handover", photos=[upload(photo(), "交地.jpg")])
    assert sent.status_code == 302
    assert standing(supply).view.handover.actual_on == TODAY


def test_the_same_form_twice_drafts_one_document(people: People) -> None:
    supply, key = people.supply(), uuid.uuid4()
    for _ in range(3):
        sent = send(people.clerk, supply, "briefing", request_key=key, receiver="高志远", with_paper="on")
        assert sent.status_code == 302
    assert Document.objects.filter(kind__code="briefing").count() == 1
    proposal = people.proposed(supply=people.unstarted())
    for _ in range(3):
        send(
            people.head,
            proposal.supply,
            "decide_default",
            request_key=uuid.UUID(int=7),
            step=proposal.pk,
            decision="determine",
        )
    assert Document.objects.filter(kind__code="default_determination").count() == 1
    assert Document.objects.filter(kind__code="brigade_transfer").count() == 1


def test_an_extension_asks_only_for_the_dates_of_its_stage(people: People) -> None:
    page = open_page(people.clerk, people.supply(), "apply_extension", track="completion").content.decode()
    line = page.split('id="div_id_new_completion_on"')[1].split(">")[0]
    assert "data-off" in line
    assert "新的竣工日期" in page.split('id="div_id_new_due_on"')[1].split("</label>")[0]
    page = open_page(people.clerk, people.supply(), "apply_extension", track="start").content.decode()
    assert "data-off" not in page.split('id="div_id_new_completion_on"')[1].split(">")[0]
    assert "新的开工日期" in page.split('id="div_id_new_due_on"')[1].split("</label>")[0]


def test_a_bounced_payment_is_not_asked_for_its_amount(people: People) -> None:
    supply = people.supply()
    paid = happen(supply, "payment", date(2026, 1, 15), amount=Decimal(100))
    page = send(people.clerk, supply, "refund", payment=paid.pk, preview="1").content.decode()
    for name in ("amount", "seq"):
        assert "data-off" in page.split(f'id="div_id_{name}"')[1].split(">")[0]


def test_beside_the_form_stands_the_extension_that_waits(people: People) -> None:
    application = people.applied()
    page = open_page(people.head, application.supply, "review_extension").content.decode()
    assert "约定 2026-11-20，2026-11-23 延期申请待审，拟延至 2027-05-20" in page

"""Land supplies: the pages of those who supervise."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from landbureau.accounts.models import User
from pictures import DESKTOP, PHONE, Demo
from supervision.supply.models import LandSupply
from supervision.supply.rules import PaymentState, StageState, Track
from supervision.supply.selectors import terms, with_state

HEAD, CLERK, OFFICER = "zhaowb", "chenxy", "wanghy"
LATE = StageState.DEFAULT.of(Track.START)


def photograph(demo: Demo) -> None:
    overdue = one_of(CLERK, payment_state=PaymentState.OVERDUE)
    late = one_of(HEAD, start_state=LATE)
    visited = one_of(OFFICER, start_state=StageState.RECHECK.of(Track.START))
    at_the_desk(demo, overdue, late)
    on_the_phone(demo, visited)


def one_of(person: str, **states: str) -> LandSupply:
    """The newest supply in these states today that this person sees."""
    today = timezone.localdate()
    rows = LandSupply.objects.visible_to(User.objects.get(username=person))
    return with_state(rows, today, terms()).filter(**states).latest("signed_on", "pk")


def at_the_desk(demo: Demo, overdue: LandSupply, late: LandSupply) -> None:
    head, clerk = demo.tab(HEAD, DESKTOP), demo.tab(CLERK, DESKTOP)
    demo.picture("supplies", clerk, reverse("supply:supplies"))
    demo.picture("supply", clerk, overdue.get_absolute_url())
    demo.picture("supply-m", demo.tab(CLERK, PHONE), overdue.get_absolute_url())
    demo.picture("supply-overview", head, reverse("supply:overview"))
    demo.picture("supply-calendar", head, reverse("supply:calendar"))
    demo.picture("supply-notices", clerk, reverse("supply:notices"))
    demo.picture("supply-review", head, reverse("supply:review"))
    demo.picture("supply-check-lists", head, reverse("supply:check_lists"))
    demo.picture("supply-entry", clerk, reverse("supply:new"))
    pay(clerk, demo, overdue)
    demo.picture("supply-default", head, late.get_absolute_url())


def pay(page: Page, demo: Demo, supply: LandSupply) -> None:
    """The form of a payment, with what follows from it."""
    page.goto(demo.address + reverse("supply:payment", args=[supply.pk]))
    page.locator("#consequence").get_by_text("违约金").first.wait_for()
    demo.picture("supply-payment", page)


def on_the_phone(demo: Demo, supply: LandSupply) -> None:
    phone = demo.tab(OFFICER, PHONE)
    demo.picture("supply-round-m", phone, reverse("supply:my_visits"))
    demo.picture("supply-visit-m", phone, reverse("supply:visit", args=[supply.pk]))

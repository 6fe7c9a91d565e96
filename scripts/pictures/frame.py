"""The frame: every role's desk and its pages; an officer moves, a day changes, the worker is killed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pictures import DESKTOP, PHONE, Demo

ROLES = {
    "clerk": "chenxy",
    "section-head": "zhaowb",
    "leader": "zhouyj",
    "land-officer": "wanghy",
    "brigade": "hanlb",
    "legal-reviewer": "xuwj",
    "archive-clerk": "dingsf",
    "admin": "linzy",
}
PAGES = {  # as the administrator sees them
    "calendar": "/desk/workdays/calendar/",
    "limits": "/desk/workdays/limits/",
    "calculator": "/desk/workdays/calculator/",
    "staff": "/desk/people/",
    "roles": "/desk/people/roles/",
    "bureau": "/desk/people/bureau/",
    "audit": "/desk/audit/?page_size=20",
    "jobs": "/desk/jobs/",
    "status": "/desk/status/",
}


def people(demo: Demo) -> None:
    public, phone = demo.tab(None, DESKTOP), demo.tab(None, PHONE)
    demo.picture("public", public, "/")
    demo.picture("public-m", phone, "/")
    demo.picture("sign-in", public, "/accounts/login/")
    demo.picture("sign-in-m", phone, "/accounts/login/")
    demo.picture("first-password", demo.tab("tianyu", DESKTOP))
    for role, person in ROLES.items():
        demo.picture(f"desk-{role}", demo.tab(person, DESKTOP), "/desk/")
        demo.picture(f"desk-{role}-m", demo.tab(person, PHONE), "/desk/")
    demo.picture("desk", demo.tab("zhaowb", DESKTOP), "/desk/")
    demo.picture("desk-dark", demo.tab("zhaowb", DESKTOP, "dark"), "/desk/")
    demo.picture("deadlines", demo.tab("hanlb", DESKTOP), "/desk/workdays/")


def pages(demo: Demo) -> None:
    admin, phone = demo.tab("linzy", DESKTOP), demo.tab("linzy", PHONE)
    for name, path in PAGES.items():
        demo.picture(name, admin, path)
    for name in ("calendar", "staff", "status"):
        demo.picture(f"{name}-m", phone, PAGES[name])


def moving_an_officer(demo: Demo) -> None:
    admin = demo.tab("linzy", DESKTOP)
    admin.goto(f"{demo.address}/desk/people/?q=王海燕")
    admin.get_by_role("link", name="王海燕", exact=True).first.click()
    demo.picture("person", admin)
    admin.get_by_role("link", name="范围与依据").click()
    demo.picture("access", admin)
    admin.go_back()
    admin.get_by_role("link", name="调动").click()
    admin.get_by_label("调入国土所").select_option("新河国土所")
    admin.get_by_label("在新单位的角色").select_option("国土员")
    admin.get_by_label("移交给接办人").check()
    admin.get_by_label("张立国").check()
    admin.get_by_label("事由").fill("轮岗")
    demo.picture("move", admin)
    admin.get_by_role("button", name="调动").click()
    demo.picture("moved", admin)
    taker = demo.tab("zhanglg", PHONE)
    demo.picture("desk-taker-m", taker, "/desk/")
    demo.picture("my-work-m", taker, "/desk/people/me/work/")


def changing_a_day(demo: Demo) -> None:
    admin = demo.tab("linzy", DESKTOP)
    day = date.today() + timedelta(days=3)  # noqa: DTZ011  # any coming day will do
    while day.weekday() > 4:
        day += timedelta(days=1)
    admin.goto(f"{demo.address}/desk/workdays/calendar/{day}/")
    admin.get_by_role("link", name="修改").first.click()
    admin.get_by_label("休息").first.check()
    admin.get_by_label("来源").fill("县政府临时放假通知")
    admin.get_by_role("button", name="预览").click()
    demo.picture("calendar-change", admin)
    admin.get_by_role("button", name="保存").click()
    demo.picture("calendar-changed", admin)


def killing_the_worker(demo: Demo) -> None:
    admin: Any = demo.tab("linzy", DESKTOP)
    demo.kill_worker()
    admin.goto(f"{demo.address}/desk/status/")
    admin.get_by_role("row", name="后台处理").get_by_text("故障").wait_for(timeout=120_000)
    demo.picture("status-worker-killed", admin)


def photograph(demo: Demo) -> None:
    for part in (people, pages, moving_an_officer, changing_a_day, killing_the_worker):
        part(demo)

"""How urgent a thing is that waits for somebody."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Todo:
    """One thing that waits for a person.

    ``kind`` and ``act`` are words of the office ("执法证", "查看"); ``why`` says why it is here. Without
    ``due_on`` it is to be done now.
    """

    kind: str
    title: str
    why: str
    act: str
    url: str
    due_on: date | None = None


GROUPS = (
    ("overdue", "已逾期", "red"),
    ("today", "今天", "orange"),
    ("week", "本周", "blue"),
    ("later", "以后", "grey"),
)


def end_of_week(today: date) -> date:
    """Sunday of the week of ``today``."""
    return today + timedelta(days=6 - today.weekday())


def urgency(todo: Todo, today: date) -> str:
    """The group of a thing: overdue, today (also without a date), this week until Sunday, later."""
    if todo.due_on is None or todo.due_on == today:
        return "today"
    if todo.due_on < today:
        return "overdue"
    return "week" if todo.due_on <= end_of_week(today) else "later"


def grouped(todos: list[Todo], today: date) -> list[dict[str, object]]:
    """The list of the desk: most urgent group first, within a group by date; empty groups left out."""
    by_group: dict[str, list[Todo]] = {}
    for todo in sorted(todos, key=lambda t: (t.due_on or today, t.kind, t.title)):
        by_group.setdefault(urgency(todo, today), []).append(todo)
    return [
        {"code": code, "title": title, "colour": colour, "todos": by_group[code]}
        for code, title, colour in GROUPS
        if code in by_group
    ]

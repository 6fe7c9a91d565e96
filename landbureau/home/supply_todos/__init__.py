"""What waits for a person in the supervision of supplies: notices, proposals, contracts to be ended, checks.

Few one by one, many as one line that opens their list. A notice whose document is on its way is the to-do
of the document (``document_todos``), not shown twice.
"""

from __future__ import annotations

from datetime import date

from landbureau.accounts.models import User
from landbureau.accounts.selectors import scopes_for
from landbureau.home.rules import Todo
from landbureau.home.supply_todos.checks import check_todos, review_todos
from landbureau.home.supply_todos.common import MOST_ALONE
from landbureau.home.supply_todos.contracts import contract_todos
from landbureau.home.supply_todos.notices import notice_todos
from landbureau.home.supply_todos.steps import step_todos


def supply_todos(user: User, today: date) -> list[Todo]:
    """What waits for ``user``; a number of queries that does not grow. Who sees no supply has none."""
    if not scopes_for(user, "view_supply"):
        return []
    return [
        *contract_todos(user, today),
        *step_todos(user, today),
        *notice_todos(user, today),
        *check_todos(user, today),
        *review_todos(user, today),
    ]


__all__ = ["MOST_ALONE", "supply_todos"]

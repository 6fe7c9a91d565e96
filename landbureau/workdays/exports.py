"""The ledger of time limits as a file, in the words of its page."""

from __future__ import annotations

from landbureau.web.exports import Column, DeskResource
from landbureau.workdays import selectors
from landbureau.workdays.models import Deadline


class DeadlineResource(DeskResource):
    """期限台账."""

    title = Column("事项", "title")
    span = Column("期限", "span")
    source = Column("依据", "limit__source")
    event_on = Column("起算事件日期", "event_on")
    due_on = Column("到期日", "due_on")
    provisional = Column("到期日暂定")
    state = Column("状态")
    owner = Column("承办人", "owner")
    told_on = Column("告知日期", "told_on")
    settled_on = Column("办结日期", "settled_on")
    outcome = Column("办结情况", "outcome")

    def dehydrate_provisional(self, row: Deadline) -> bool:
        """As on the page: of what is settled, nothing can change any more."""
        return row.provisional and not row.settled_on

    def dehydrate_state(self, row: Deadline) -> str:
        return selectors.state_of(row, self.today)[1]

"""The stories of the demo: a life without trouble, and what is different. One function for each kind.

A function gets the story and a number of days from today, which is the day that the story turns on.
"""

from __future__ import annotations

from collections.abc import Callable

from supervision.supply.demo.plots import building, others, payment, start
from supervision.supply.demo.story import Story

PLOTS: dict[str, Callable[[Story, int], object]] = {
    plot.__name__: plot
    for plot in (
        payment.payment_reminder,
        payment.first_payment,
        payment.payment_overdue,
        payment.payment_demanded,
        payment.payment_terminable,
        payment.payment_partial,
        payment.paid_late,
        payment.paid_over,
        payment.without_rate,
        payment.awaiting_handover,
        payment.handed_over,
        payment.late_handover,
        start.start_reminder,
        start.start_recheck,
        start.start_default,
        start.start_default_user,
        start.start_default_government,
        start.start_default_majeure,
        start.start_default_preparatory,
        start.extension_pending,
        start.extension_reviewed,
        start.extension_approved,
        start.extension_rejected,
        start.start_idle,
        start.started_late,
        building.building,
        building.waiting,
        building.lately,
        building.suspended,
        building.suspended_long,
        building.suspended_unknown,
        building.resumed,
        building.deviation,
        building.completion_reminder,
        building.completion_recheck,
        building.completion_default,
        building.completion_default_user,
        building.completion_default_government,
        building.completion_extended,
        building.finished,
        building.finished_late,
        building.accepted,
        others.main,
        others.without_start_date,
        others.derived_start,
        others.without_completion_date,
        others.without_due_date,
        others.without_instalments,
        others.terminated,
        others.taken_back,
        others.transferred,
        others.partly_transferred,
        others.successor,
        others.corrected,
    )
}

"""Writes about people: grants, permissions, staff, work and absences."""

from landbureau.accounts.services.absences import cancel_absence, register_absence
from landbureau.accounts.services.grants import end_grant, grant_role, set_role_permissions
from landbureau.accounts.services.permissions import sync_people, sync_permissions
from landbureau.accounts.services.staff import enrol, leave, move, reinstate, reveal_phone
from landbureau.accounts.services.work import (
    SERVING,
    SERVING_NOTICE,
    SUPERVISION,
    VILLAGE_ROUND,
    HandOver,
    able_to_take,
    assign,
    assign_villages,
    end_assignment,
    end_work,
    hand_over,
    open_deadlines_of,
    open_work,
    open_work_count,
)

__all__ = [
    "SERVING",
    "SERVING_NOTICE",
    "SUPERVISION",
    "VILLAGE_ROUND",
    "HandOver",
    "able_to_take",
    "assign",
    "assign_villages",
    "cancel_absence",
    "end_assignment",
    "end_grant",
    "end_work",
    "enrol",
    "grant_role",
    "hand_over",
    "leave",
    "move",
    "open_deadlines_of",
    "open_work",
    "open_work_count",
    "register_absence",
    "reinstate",
    "reveal_phone",
    "set_role_permissions",
    "sync_people",
    "sync_permissions",
]

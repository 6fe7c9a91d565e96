"""Land supplies: the contract, what happened since, and what was told to whom."""

from supervision.supply.models.derived import Milestone, Share
from supervision.supply.models.events import Correction, Event, Photo, Visit
from supervision.supply.models.law import CheckItem, DeviationKind, Indicator, NoticeKind, Parameter, Regime
from supervision.supply.models.lists import CheckList, CheckListEntry
from supervision.supply.models.notices import Notice, Sweep
from supervision.supply.models.parties import LandUser, TwoLandUsers
from supervision.supply.models.supplies import Instalment, LandSupply, Parcel

__all__ = [
    "CheckItem",
    "CheckList",
    "CheckListEntry",
    "Correction",
    "DeviationKind",
    "Event",
    "Indicator",
    "Instalment",
    "LandSupply",
    "LandUser",
    "Milestone",
    "Notice",
    "NoticeKind",
    "Parameter",
    "Parcel",
    "Photo",
    "Regime",
    "Share",
    "Sweep",
    "TwoLandUsers",
    "Visit",
]

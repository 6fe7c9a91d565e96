"""What pages of one supply say of its parcel."""

from __future__ import annotations

import re
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from supervision.supply import words
from supervision.supply.models import Parcel

register = template.Library()
FIGURE = re.compile(r"(\d{4}-\d{2}-\d{2}|\d[\d,]*\.\d{2} (?:万?元|m²))")
"""Days and amounts as our sentences have them."""


@register.filter
def whole_place(parcel: Parcel) -> str:
    """``{{ parcel|whole_place|default:"坐落未填" }}``: township, village and address, nothing twice."""
    return words.place_of(parcel)


@register.filter
def place_within(parcel: Parcel) -> str:
    """The address below a heading that names township and village."""
    return words.place_within(parcel)


@register.filter
def in_wan(amount: Decimal | None) -> str:
    """``513.60 万元``, to stand beside the yuan; nothing for less than ten thousand."""
    return f"{words.in_wan(amount)}元" if amount is not None and amount >= words.WAN else ""


@register.filter
def figures(text: str) -> SafeString:
    """A sentence whose days and amounts are not broken over two lines."""
    parts = FIGURE.split(str(text))
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<span class="lb-num">{}</span>', part) if place % 2 else part,)
            for place, part in enumerate(parts)
        ),
    )

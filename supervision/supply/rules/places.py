"""Where a point lies: within a boundary, or how far from it.

Degrees in CGCS2000, with which WGS 84 agrees to a few centimetres.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from typing import Any

METRES_PER_DEGREE = 111_320.0
"""Of latitude; of longitude it shrinks with its cosine. Good to a metre within a few kilometres."""

Ring = Sequence[Sequence[float]]
Polygon = Sequence[Ring]


@dataclass(frozen=True, slots=True)
class Place:
    """``inside``: None where only a point of the parcel is known; ``distance``: m to boundary or point."""

    inside: bool | None
    distance: float


def place_of(
    longitude: float,
    latitude: float,
    *,
    boundary: Mapping[str, Any] | None,
    point: tuple[float, float] | None,
) -> Place | None:
    """Where a position lies relative to a parcel; None: the parcel has neither boundary nor point.

    ``boundary``: GeoJSON Polygon or MultiPolygon; ``point``: longitude and latitude.
    """
    polygons = list(polygons_of(boundary))
    if polygons:
        if any(contains(polygon, longitude, latitude) for polygon in polygons):
            return Place(True, 0.0)
        edges = (edge for polygon in polygons for ring in polygon for edge in _edges(ring))
        return Place(False, min(_to_edge(longitude, latitude, *edge) for edge in edges))
    if point is None:
        return None
    return Place(None, _to_edge(longitude, latitude, point, point))


def polygons_of(boundary: Mapping[str, Any] | None) -> Iterator[Polygon]:
    """The polygons of a GeoJSON geometry that have a surface; nothing for any other geometry."""
    if not boundary:
        return
    coordinates = boundary.get("coordinates") or []
    found = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(boundary.get("type", ""), [])
    yield from (polygon for polygon in found if polygon and len(polygon[0]) >= 3)


def contains(polygon: Polygon, longitude: float, latitude: float) -> bool:
    """Whether a point lies within the first ring and in none of the others, its holes (even-odd rule)."""
    crossings = sum(
        _crosses(longitude, latitude, start, end) for ring in polygon for start, end in _edges(ring)
    )
    return crossings % 2 == 1


def _edges(ring: Ring) -> Iterator[tuple[Sequence[float], Sequence[float]]]:
    """The sides of a ring, closed whether or not its last point repeats the first."""
    for place, start in enumerate(ring):
        yield start, ring[(place + 1) % len(ring)]


def _crosses(x: float, y: float, start: Sequence[float], end: Sequence[float]) -> bool:
    """Whether a ray to the east meets the side; its upper end is not part of it: corners count once."""
    (x1, y1), (x2, y2) = start[:2], end[:2]
    if (y1 > y) == (y2 > y):
        return False
    return bool(x < x1 + (y - y1) / (y2 - y1) * (x2 - x1))


def _to_edge(x: float, y: float, start: Sequence[float], end: Sequence[float]) -> float:
    """Metres from a point to a side, on a plane that touches the earth there."""
    east = METRES_PER_DEGREE * cos(radians(y))
    x1, y1 = (start[0] - x) * east, (start[1] - y) * METRES_PER_DEGREE
    x2, y2 = (end[0] - x) * east, (end[1] - y) * METRES_PER_DEGREE
    length = (x2 - x1) ** 2 + (y2 - y1) ** 2
    if not length:
        return hypot(x1, y1)
    along = max(0.0, min(1.0, -(x1 * (x2 - x1) + y1 * (y2 - y1)) / length))
    return hypot(x1 + along * (x2 - x1), y1 + along * (y2 - y1))

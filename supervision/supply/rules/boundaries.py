"""Boundaries as people bring them: GeoJSON in degrees of CGCS2000, looked at before it is kept."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from supervision.supply.rules.places import METRES_PER_DEGREE

MOST_BYTES = 200_000
MOST_POINTS = 5_000
WEST, EAST, SOUTH, NORTH = 73.0, 136.0, 3.0, 54.0
FARTHEST = 10**9  # metres of a projected system; also no infinity
DEGREES = 7  # decimal places kept: a centimetre
KNOWN_SYSTEMS = ("4490", "4326", "CRS84", "CGCS2000", "WGS84", "WGS 84")
EXAMPLE = (
    '{"type": "Polygon", "coordinates":'
    " [[[115.24, 37.52], [115.25, 37.52], [115.25, 37.53], [115.24, 37.52]]]}"
)


class BoundaryError(ValueError):
    """Why it cannot be kept (Chinese)."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """``geometry``: Polygon or MultiPolygon; ``area`` in m², good to a few per mille; ``centre``: degrees."""

    geometry: dict[str, Any]
    area: Decimal
    centre: tuple[float, float]
    points: int


def parse_boundary(text: str) -> Boundary:
    """A geometry, a feature, or a collection of one feature. Raises ``BoundaryError``."""
    if len(text.encode()) > MOST_BYTES:
        raise BoundaryError(f"界址文件太大，最多 {MOST_BYTES // 1000} KB，请简化界线。")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BoundaryError("不是 GeoJSON：内容应以 { 开始，含 type 和 coordinates。") from error
    geometry = _geometry(data)
    polygons = _polygons(geometry)
    rings = [[_ring(ring) for ring in _list(polygon, "多边形")] for polygon in polygons]
    if not rings or not all(rings):
        raise BoundaryError("界址没有坐标。")
    points = sum(len(ring) for polygon in rings for ring in polygon)
    if points > MOST_POINTS:
        raise BoundaryError(f"界址点太多（{points} 个），最多 {MOST_POINTS} 个，请简化界线。")
    area = sum(_area_of(polygon) for polygon in rings)
    if area < 1:
        raise BoundaryError("界址围成的面积不到 1 平方米，请检查坐标。")
    kind = geometry["type"]
    coordinates: Any = rings[0] if kind == "Polygon" else rings
    return Boundary(
        {"type": kind, "coordinates": coordinates},
        Decimal(str(round(area, 2))),
        _centre(rings[0][0]),
        points,
    )


def _geometry(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise BoundaryError("不是 GeoJSON：内容应以 { 开始，含 type 和 coordinates。")
    _check_system(data.get("crs"))
    if data.get("type") == "FeatureCollection":
        features = _list(data.get("features"), "features")
        if len(features) != 1:
            raise BoundaryError(
                f"文件里有 {len(features)} 个要素，一宗地只能有一个；多块的请合并为 MultiPolygon。"
            )
        data = features[0]
        if not isinstance(data, dict):
            raise BoundaryError("要素的格式不对。")
    if data.get("type") == "Feature":
        data = data.get("geometry")
        if not isinstance(data, dict):
            raise BoundaryError("要素没有几何图形。")
    if data.get("type") not in ("Polygon", "MultiPolygon"):
        raise BoundaryError(f"图形须为 Polygon 或 MultiPolygon（面），现为“{data.get('type') or '空'}”。")
    return data


def _check_system(crs: Any) -> None:
    """Old files name their system; coordinates of another would be metres or shifted."""
    if crs is None:
        return
    name = json.dumps(crs, ensure_ascii=False)
    if not any(known in name for known in KNOWN_SYSTEMS):
        raise BoundaryError("坐标系须为 CGCS2000 经纬度（EPSG:4490），请先转换坐标。")


def _polygons(geometry: Mapping[str, Any]) -> list[Any]:
    coordinates = _list(geometry.get("coordinates"), "coordinates")
    return [coordinates] if geometry["type"] == "Polygon" else coordinates


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise BoundaryError(f"界址的{name}格式不对。")
    return value


def _ring(raw: Any) -> list[list[float]]:
    ring = [_point(point) for point in _list(raw, "界线")]
    if len(ring) < 4:
        raise BoundaryError(f"每条界线至少 4 个点（首尾相同），现有 {len(ring)} 个。")
    if ring[0] != ring[-1]:
        raise BoundaryError("界线没有闭合：最后一个点须与第一个点相同。")
    return ring


def _point(raw: Any) -> list[float]:
    values = raw[:2] if isinstance(raw, list) else []
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) != 2 or not all(-FARTHEST < number < FARTHEST for number in numbers):
        raise BoundaryError("界址点须写成 [经度, 纬度]，都是数字。")
    longitude, latitude = (round(float(number), DEGREES) for number in numbers)
    if WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH:
        return [longitude, latitude]
    if WEST <= latitude <= EAST and SOUTH <= longitude <= NORTH:
        raise BoundaryError(f"经纬度写反了：[{longitude}, {latitude}]，应先经度后纬度。")
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise BoundaryError(
            f"[{longitude}, {latitude}] 是以米为单位的投影坐标，请先转换为 CGCS2000 经纬度（度）。"
        )
    raise BoundaryError(f"[{longitude}, {latitude}] 不在我国范围内，请检查坐标。")


def _area_of(polygon: list[list[list[float]]]) -> float:
    outer, *holes = (_area(ring) for ring in polygon)
    return outer - sum(holes)


def _area(ring: list[list[float]]) -> float:
    """m², in a plane that touches the globe at the ring's first point."""
    origin = ring[0]
    across = METRES_PER_DEGREE * math.cos(math.radians(origin[1]))
    plane = [((x - origin[0]) * across, (y - origin[1]) * METRES_PER_DEGREE) for x, y in ring]
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in _pairs(plane))) / 2


def _pairs(points: list[tuple[float, float]]) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    return pairwise(points)


def _centre(ring: list[list[float]]) -> tuple[float, float]:
    """The middle of its points."""
    corners = ring[:-1]
    return (
        round(sum(x for x, _ in corners) / len(corners), 6),
        round(sum(y for _, y in corners) / len(corners), 6),
    )

"""Boundaries are looked at before they are kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from supervision.supply.rules.boundaries import EXAMPLE, MOST_BYTES, BoundaryError, parse_boundary

RING = [[115.24, 37.52], [115.242, 37.52], [115.242, 37.522], [115.24, 37.522], [115.24, 37.52]]


def polygon(ring: Any = None, *holes: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring or RING, *holes]}


def problem(data: Any) -> str:
    with pytest.raises(BoundaryError) as caught:
        parse_boundary(data if isinstance(data, str) else json.dumps(data))
    return str(caught.value)


def test_a_polygon_is_kept_with_its_area_and_centre() -> None:
    found = parse_boundary(json.dumps(polygon()))
    assert found.geometry == polygon()
    assert found.centre == (115.241, 37.521)
    # 0.002° by 0.002° at 37.52° north: about 176.6 m by 222.6 m.
    assert abs(float(found.area) - 39_314) < 200


def test_a_hole_is_taken_off() -> None:
    hole = [
        [115.2405, 37.5205],
        [115.241, 37.5205],
        [115.241, 37.521],
        [115.2405, 37.521],
        [115.2405, 37.5205],
    ]
    whole, holed = (parse_boundary(json.dumps(one)).area for one in (polygon(), polygon(None, hole)))
    assert 0.93 < holed / whole < 0.94


@pytest.mark.parametrize(
    "wrapped",
    [
        {"type": "Feature", "properties": {}, "geometry": polygon()},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": polygon()}]},
        {"type": "MultiPolygon", "coordinates": [[RING]]},
        {**polygon(), "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}},
        {"type": "Polygon", "coordinates": [[[*point, 31.5] for point in RING]]},
    ],
)
def test_what_programs_write_is_understood(wrapped: dict[str, Any]) -> None:
    assert parse_boundary(json.dumps(wrapped)).geometry["coordinates"] in ([RING], [[RING]])


def test_the_example_of_the_form_is_right() -> None:
    assert parse_boundary(EXAMPLE).points == 4


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("not json", "不是 GeoJSON"),
        ("[1, 2]", "不是 GeoJSON"),
        ("[" * 100_000, "不是 GeoJSON"),
        ({"type": "Point", "coordinates": [115.24, 37.52]}, "须为 Polygon"),
        ({"type": "Feature", "geometry": None}, "没有几何图形"),
        ({"type": "FeatureCollection", "features": []}, "0 个要素"),
        ({"type": "FeatureCollection", "features": [{}, {}]}, "2 个要素"),
        (polygon([[115.24, 37.52], [115.25, 37.52], [115.24, 37.52]]), "至少 4 个点"),
        (polygon(RING[:-1]), "没有闭合"),
        (polygon([[y, x] for x, y in RING]), "经纬度写反了"),
        (polygon([[x * 4000, y * 100_000] for x, y in RING]), "投影坐标"),
        (polygon([[x - 100, y] for x, y in RING]), "不在我国范围内"),
        (polygon([["115.24", 37.52]] * 4), "都是数字"),
        (polygon([[True, 37.52]] * 4), "都是数字"),
        (polygon([RING[0], RING[1], RING[0], RING[0]]), "不到 1 平方米"),
        ({**polygon(), "crs": {"properties": {"name": "EPSG:4527"}}}, "EPSG:4490"),
        ({"type": "Polygon", "coordinates": []}, "没有坐标"),
        ({"type": "Polygon"}, "格式不对"),
        ({"type": "MultiPolygon", "coordinates": [5]}, "格式不对"),
        ('{"type": "Polygon", "coordinates": [[[NaN, 37], [1, 2]]]}', "都是数字"),
        (" " * (MOST_BYTES + 1), "文件太大"),
        (polygon(RING[:-1] * 1300 + RING[:1]), "界址点太多"),
    ],
)
def test_what_cannot_be_a_boundary_is_told_why(data: Any, told: str) -> None:
    assert told in problem(data)

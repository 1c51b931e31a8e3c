"""A small page of the web report with a made-up payload: cities on a lopsided country, twelve districts, one own zone set."""

import base64
import io
import json
import math
from importlib import metadata, resources
from typing import Any

import numpy as np
from PIL import Image

from urbanreview.report.web.strings import texts
from urbanreview.report.wording import pretty_unit

CSP = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; worker-src blob:; "
    "connect-src data: blob:; base-uri 'none'; form-action 'none'"
)
DOT = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
HOSTILE = ['<script>alert("x")</script>', "\u202eمدينة", "Ö\"'&amp;", "🏙️ Şymkent", "Ұзын қала " * 20]
NOT_YET = {
    "controls.all_values": "all values",
    "controls.all_zones": "All places",
    "controls.areas": "Areas",
    "controls.card": "The chosen place",
    "controls.card_hint": "Choose a place on the map or search for it: its numbers appear here.",
    "controls.circles": "Circles: the area grows with the people.",
    "controls.class_from": "{limit} and more",
    "controls.class_under": "under {limit}",
    "controls.level": "Level",
    "controls.map_help": "Arrow keys move it, plus and minus zoom, Enter chooses what lies under the cross.",
    "controls.move_help": "Move the map with two fingers",
    "controls.part_failed": "This part of the page could not be shown.",
    "controls.zoom_help": "Scroll with Ctrl or ⌘ to zoom the map",
}
"""Words of the map that the catalogue may lack."""
TEXTS = NOT_YET | dict(texts("en"))
COLUMNS = [
    ("population_total_2020", "population.total", "People", "people"),
    ("population_density_2020", "population.density", "People per km² of land", "people/km2"),
    ("lights_sum_2020", "lights.sum", "Sum of lights", "nW/cm2/sr*km2"),
    ("built_up_share_2020", "built_up.share", "Built-up share", "1"),
    ("population_growth_2010_2020", "population.growth", "Growth of people", "1/year"),
]  # fmt: skip
WEST, SOUTH, EAST, NORTH = 60.0, 42.0, 78.0, 51.0


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """Return a rectangle as GeoJSON."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [[[round(x, 4), round(y, 4)] for x, y in ring]]}


def blob(longitude: float, latitude: float, radius: float) -> dict[str, Any]:
    """Return a lumpy polygon about a point."""
    angles = np.linspace(0, 2 * math.pi, 25)[:-1]
    reach = radius * (1 + 0.25 * np.sin(3 * angles + longitude))
    ring = [
        [round(longitude + r * math.cos(a), 4), round(latitude + 0.7 * r * math.sin(a), 4)]
        for r, a in zip(reach, angles, strict=True)
    ]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def collection(shapes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return shapes as features numbered from nought."""
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "id": row, "properties": {}, "geometry": shape} for row, shape in enumerate(shapes)],
    }


def zones_of(
    prefix: str, names: list[str], points: list[list[float]], people: np.ndarray, area_km2: np.ndarray
) -> dict[str, Any]:
    """Return one level of the payload; the third zone has no lights, growth takes both signs."""
    rng = np.random.default_rng(len(names))
    lights: list[float | None] = [round(float(v), 1) for v in people / 300 * rng.uniform(0.5, 2, len(names))]
    lights[2 % len(names)] = None
    return {
        "id": [f"{prefix}-{row}" for row in range(len(names))],
        "name": names,
        "point": points,
        "area_km2": [round(float(v), 2) for v in area_km2],
        "values": {
            "population_total_2020": [int(v) for v in people],
            "population_density_2020": [float(f"{v:.6g}") for v in people / area_km2],
            "lights_sum_2020": lights,
            "built_up_share_2020": [round(float(v), 4) for v in rng.uniform(0.02, 0.6, len(names))],
            "population_growth_2010_2020": [round(float(v), 5) for v in rng.normal(0.008, 0.02, len(names))],
        },
        "reasons": {"lights_sum_2020": {str(2 % len(names)): "clouds all year"}},
        "attributes": {},
    }


def overlay() -> dict[str, Any]:
    """Return a picture over the whole country."""
    rows, columns = np.mgrid[0:90, 0:180]
    strength = (np.sin(columns / 9) * np.cos(rows / 7) > 0.2).astype(np.uint8)
    picture = np.zeros((90, 180, 4), np.uint8)
    picture[strength == 1] = (181, 39, 30, 200)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    url = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    corners = [[WEST, NORTH], [EAST, NORTH], [EAST, SOUTH], [WEST, SOUTH]]
    legend = [["many", "#b5271e"]]
    return {
        "key": "people",
        "name": "People by cell",
        "url": url,
        "coordinates": corners,
        "legend": legend,
        "note": "Cells of 1 km.",
    }


def payload(cities: int = 30, districts: tuple[int, int] = (4, 3), modelled: bool = True) -> dict[str, Any]:
    """Return the data of a page; the first city is Almaty, the next five have hostile names."""
    rng = np.random.default_rng(7)
    people = np.sort(np.round(2_000_000 / np.arange(1, cities + 1) ** 1.05))[::-1]
    points = [
        [round(float(x), 4), round(float(y), 4)]
        for x, y in rng.uniform((WEST + 0.6, SOUTH + 0.6), (EAST - 0.6, NORTH - 0.6), (cities, 2))
    ]
    points[0] = [76.9, 43.25]
    names = ["Almaty", *HOSTILE, *(f"Town {number}" for number in range(6, cities))][:cities]
    across, down = districts
    xs, ys = np.linspace(WEST, EAST, across + 1), np.linspace(SOUTH, NORTH, down + 1)
    cells = [(xs[c], ys[r], xs[c + 1], ys[r + 1]) for r in range(down) for c in range(across)]
    shapes = {
        "urban_centre": collection(
            [blob(*point, 0.04 + 0.3 * math.sqrt(p / people[0])) for point, p in zip(points, people, strict=True)]
        ),
        "urban_cluster": collection(
            [blob(*point, 0.1 + 0.4 * math.sqrt(p / people[0])) for point, p in zip(points, people, strict=True)]
        ),
        "adm2": collection([square(*cell) for cell in cells]),
        "adm1": collection([square(WEST, SOUTH, xs[across // 2], NORTH), square(xs[across // 2], SOUTH, EAST, NORTH)]),
        "growth_zone": collection([square(75, 42.6, 77.8, 44.4), square(62, 46, 66, 49)]),
        "adm0": collection([square(WEST, SOUTH, EAST, NORTH)]),
    }
    titles = {
        "urban_centre": ("Urban centres", "settlement", names),
        "urban_cluster": ("Urban clusters", "settlement", names),
        "adm2": ("Districts", "unit", [f"District {row + 1}" for row in range(len(cells))]),
        "adm1": ("Regions", "unit", ["West", "East"]),
        "growth_zone": ("Growth zones", "own", ["South-east", "<b>Steppe</b>"]),
        "adm0": ("Country", "country", ["Toyland"]),
    }
    zones = {}
    for level, (_, _, level_names) in titles.items():
        size = len(level_names)
        counts = people if size == cities else np.round(rng.lognormal(13, 1, size))
        where = points if size == cities else [None] * size
        area_km2 = counts / rng.uniform(800, 6000, size) if size == cities else np.full(size, 150_000.0)
        zones[level] = zones_of(f"TOY-{level}", level_names, where, counts, area_km2)
    centres = zones["urban_centre"]["attributes"]
    centres["name_ascii"] = [name.encode("ascii", "ignore").decode() for name in names]
    centres["name_alternate"] = ["Алматы;Alma-Ata", *[None] * (cities - 1)]
    centres["district_1_name"] = [f"District {row % len(cells) + 1}" for row in range(cities)]
    centres["flags"] = ["across the border; at the water", *[None] * (cities - 1)]
    ids = zones["urban_centre"]["id"]
    routes = [
        {
            "type": "Feature",
            "properties": {"from": ids[0], "to": ids[to], "minutes": 75.5 * to, "km": 101.0 * to},
            "geometry": {"type": "LineString", "coordinates": [points[0], points[to]]},
        }
        for to in range(1, min(5, cities))
    ]
    return {
        "title": "Toyland",
        "iso3": "TOY",
        "language": "en",
        "modelled": modelled,
        "modelled_mark": "Modelled data – not for analysis",
        "disclaimer": "The boundaries shown on any map do not imply official endorsement.",
        "population": "ghs 2020",
        "bounds": [WEST, SOUTH, EAST, NORTH],
        "levels": [
            {"key": level, "name": name, "table": level, "kind": kind, "count": len(of)}
            for level, (name, kind, of) in titles.items()
        ],
        "columns": [column_of(*words) for words in COLUMNS],
        "records": {"lights.sum": {"title": "Sum of lights", "undefined": "no valid cell"}},
        "zones": zones,
        "shapes": shapes,
        "lines": {"routes_city_city": {"type": "FeatureCollection", "features": routes}},
        "overlays": [overlay()],
        "texts": TEXTS,
    }


def column_of(name: str, measure: str, title: str, unit: str) -> dict[str, Any]:
    """Return what the payload says of one column."""
    return {
        "name": name,
        "measure": measure,
        "theme": measure.partition(".")[0],
        "title": title,
        "heading": f"{title}, 2020",
        "unit": pretty_unit(unit),
        "share": unit == "1",
        "percent": unit in ("1", "1/year"),
        "main": True,
    }


def chart_spec() -> dict[str, Any]:
    """Return a small chart with an expression in it, which a page that forbids eval must interpret."""
    values = [{"size": size, "name": name} for size, name in ((3, "Almaty"), (2, HOSTILE[0]), (1, "c"))]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "data": {"values": values},
        "transform": [{"calculate": "datum.size * 2", "as": "double"}],
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {"x": {"field": "double", "type": "quantitative"}, "y": {"field": "name", "type": "nominal"}},
    }


def embedded(content: object) -> str:
    """Return JSON that no name can break out of."""
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")


def asset(name: str) -> str:
    """Return one script or style of the package."""
    return (resources.files("urbanreview.report.web") / "assets" / name).read_text(encoding="utf-8")


def maplibre(name: str) -> str:
    """Return a file of the package ``maplibre``, which is not imported."""
    file = next(file for file in metadata.files("maplibre") or [] if file.name == name)
    return file.locate().read_text(encoding="utf-8").replace("//# sourceMappingURL=maplibre-gl.js.map", "")  # type: ignore[union-attr]


def page(data: dict[str, Any], runtime: str = "") -> str:
    """Return a whole page: what the template will hold, without the tables."""
    still = f"<figure class='still'><img alt='Static map' src='{DOT}'></figure>"
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{CSP}">
<meta name="color-scheme" content="light dark"><title>Toy</title>
<style>{maplibre("maplibre-gl.css")}</style><style>{asset("page.css")}</style><style>{asset("report.css")}</style></head>
<body><div class="page"><main><h1>Toyland: urbanization review</h1>
<section id="map"><h2>Map</h2><div id="search-app"></div><div id="map-app">{still}</div></section>
<section id="profile-app"><h2>City profile</h2></section>
<section><h2>Chart</h2><div class="chart" data-chart="sizes" data-alt="Sizes of three places"></div></section></main></div>
<script type="application/json" id="review-data">{embedded(data)}</script>
<script type="application/json" id="chart-sizes">{embedded(chart_spec())}</script>
<script type="module">{runtime}</script>
<script>{maplibre("maplibre-gl.js")}</script><script>{asset("map.js")}</script><script>{asset("app.js")}</script>
<script>report.start()</script></body></html>"""

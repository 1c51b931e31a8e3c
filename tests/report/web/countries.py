"""Made-up countries for whole pages: one with everything and hostile names, some that lack something, one that has too much."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box
from tests.report.conftest import COUNTRY, SCRIPT, UNIT_SETS, make_points
from tests.report.own_toy import QUOTED, with_own
from tests.report.test_environment import ZONES, air_rows, climate_rows, exposure_rows

from urbanreview.indicators import city_system
from urbanreview.measures import LONG_COLUMNS, TOO_FEW
from urbanreview.report import Review

TITLE = '</script><img src=x onerror="alert(1)">'
RIGHT_TO_LEFT = "\u202eمدينة النور"
EMOJI = "🏙️👩‍👩‍👧 Қала"
LONG = "Ұ" * 200
NAMES = {"TOY-uc-2": RIGHT_TO_LEFT, "TOY-uc-4": LONG, "TOY-cl-4": EMOJI, "TOY-adm2-b": QUOTED, "TOY-adm2-a": "Қызылорда өңірі"}
CITY_THEMES = ("system", "size_class", "urban_growth")
NO_LIGHTS = "night lights: skipped, lights/2018 is not there ([lights] path)"
NATION = COUNTRY[0][0]


def themes_of(review: Review) -> pd.Series:
    return review.values["measure"].str.partition(".")[0]


def with_rows(review: Review, rows: list[tuple]) -> Review:
    more = pd.DataFrame(rows, columns=list(LONG_COLUMNS))
    return replace(review, values=pd.concat([review.values, more], ignore_index=True))


def with_environment(review: Review) -> Review:
    makers = (exposure_rows, climate_rows, air_rows)
    rows = [(*row, 1.0, "") for zone, times in ZONES.items() for make in makers for row in make(zone, times)]
    sections = {"exposure": {"river_flood": {"units": "m"}}}
    return replace(with_rows(review, rows), settings={**review.settings, **sections})


def with_zones(review: Review, level: str, zones: list[tuple]) -> Review:
    """The review with more zones: their id, name, box, people and, for districts, the share of them in cities."""
    ids, names, shapes, people, shares = zip(*zones, strict=True)
    more = gpd.GeoDataFrame(
        {"name": names, "level": level, "iso3": "TOY", "area_km2": [shape.area * 8_000.0 for shape in shapes], "flags": ""},
        geometry=list(shapes), index=pd.Index(ids, name="zone_id"), crs=4326,
    )  # fmt: skip
    everything = gpd.GeoDataFrame(pd.concat([review.zones, more]), geometry="geometry", crs=4326)
    if "cross_border" in everything:
        everything["cross_border"] = everything["cross_border"].where(everything["cross_border"].notna(), False)
    everything.index.name = "zone_id"
    rows = [(zone, "population.total", "2020", "ghs", "", count, 1.0, "") for zone, count in zip(ids, people, strict=True)]
    if level.startswith("adm"):
        pairs = zip(ids, shares, strict=True)
        rows += [(zone, "population.urban_share", "2020", "ghs", "", share, 1.0, "") for zone, share in pairs]
    return with_rows(replace(review, zones=everything, points=make_points(everything)), rows)


def whole(review: Review) -> Review:
    """A country with everything, twelve more districts and hostile names in every place for one."""
    more = [
        (f"TOY-adm2-x{n:02}", f"Quarter {n}", box(71.0 + n / 8, 50.3, 71.12 + n / 8, 50.9), 1e3 * (n * 7 % 12 + 1), n / 16)
        for n in range(12)
    ]
    full = with_zones(with_environment(with_own(review)), "adm2", more)
    zones = full.zones.assign(name=pd.Series(NAMES).reindex(full.zones.index).fillna(full.zones["name"]))
    return replace(full, title=TITLE, zones=zones, notes=(*review.notes, f"A note with {SCRIPT}."))


def with_one_city(review: Review) -> Review:
    """The same country with its largest city alone."""
    kept = ~review.zones["level"].str.startswith("urban") | review.zones.index.isin(["TOY-uc-1", "TOY-cl-1"])
    zones = review.zones[kept]
    alone = review.values["zone_id"].isin(zones.index) & ~themes_of(review).isin(CITY_THEMES)
    rows = []
    for level, people in (("urban_centre", 912_345.0), ("urban_cluster", 1_050_000.0)):
        cutoff = UNIT_SETS[level][1]
        for measure, value in city_system(pd.Series({"TOY": people}), cutoff=cutoff)[0].items():
            why = TOO_FEW if np.isnan(value) else ""
            rows.append((NATION, measure, "2020", "ghs", f"cutoff={cutoff};units={level}", value, 1.0, why))
    links = review.links[review.links["from_id"].isin(zones.index)]
    points = review.points.loc[review.points.index.isin(zones.index)]
    return with_rows(replace(review, zones=zones, points=points, values=review.values[alone], links=links), rows)


def without_lights(review: Review) -> Review:
    return replace(review, values=review.values[themes_of(review) != "lights"], notes=(*review.notes, NO_LIGHTS))


def nation_alone(review: Review) -> Review:
    """The people of the country, and nothing else."""
    values = review.values[(review.values["zone_id"] == NATION) & (review.values["measure"] == "population.total")]
    return replace(review, zones=review.zones.loc[[NATION]], values=values, points=review.points.loc[[NATION]], rasters={})


def with_many_cities(review: Review, count: int = 2_000) -> Review:
    """The toy with many more centres, each of its own size, and as many clusters around them."""
    side = int(np.ceil(np.sqrt(count)))
    places = [(71.1 + 3.7 * (n % side) / side, 49.1 + 1.7 * (n // side) / side) for n in range(count)]
    for level, key, width in (("urban_centre", "uc", 0.02), ("urban_cluster", "cl", 0.03)):
        zones = [
            (f"TOY-{key}-m{n}", f"Town {n}", box(x, y, x + width, y + width / 2), 50_000.0 + 40.0 * n, np.nan)
            for n, (x, y) in enumerate(places)
        ]
        review = with_zones(review, level, zones)
    return review

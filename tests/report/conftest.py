"""A made-up country, lopsided on purpose: the big city sits in the north-east of a wide, short land."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely.geometry import box

from urbanreview.grid import make_raster
from urbanreview.indicators import city_system, growth_by_size, size_classes
from urbanreview.ledger import Ledger
from urbanreview.measures import NOT_THEN, TOO_FEW
from urbanreview.report import LONG_COLUMNS, InputFile, Review

SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://evil.example/","Click")'
UNSEEN = "lights were not observed in 2018-01"
NO_TOWNS = "the rules tell no towns and villages"
BREAKS = "breaks=2017-04+2018-01;floor=0.1"

# id, level, name, parent, outline, people, of whom outside
CENTRES = [
    ("TOY-uc-1", "Şymkent", "TOY-cl-1", box(74.2, 50.6, 74.6, 50.9), 912_345.0, 0.0),
    ("TOY-uc-2", "São José $5^2$ da Várzea", "TOY-cl-2", box(71.0, 49.5, 71.2, 49.65), 150_000.5, 20_000.5),
    ("TOY-uc-3", SCRIPT, "TOY-cl-3", box(72.0, 49.2, 72.12, 49.3), 88_000.0, 0.0),
    ("TOY-uc-4", FORMULA, "TOY-cl-1", box(74.65, 50.55, 74.75, 50.65), 61_000.25, 0.0),
]
CLUSTERS = [
    ("TOY-cl-1", "Şymkent", None, box(74.1, 50.5, 74.8, 50.95), 1_050_000.0, 0.0),
    ("TOY-cl-2", "São José $5^2$ da Várzea", None, box(70.95, 49.45, 71.3, 49.7), 170_000.0, 25_000.0),
    ("TOY-cl-3", SCRIPT, None, box(71.95, 49.15, 72.2, 49.35), 99_000.0, 0.0),
    ("TOY-cl-4", "Ґанок", None, box(73.0, 49.8, 73.1, 49.9), 12_000.0, 0.0),
    ("TOY-cl-5", "TOY-cl-5", None, box(72.8, 50.7, 72.86, 50.75), 5_001.0, 0.0),
]
DISTRICTS = [
    ("TOY-adm2-a", "Åland Żupa", "TOY-adm1-w", box(71.0, 49.0, 72.6, 50.2), 420_000.0, 250_000.0),
    ("TOY-adm2-b", "Middle", "TOY-adm1-w", box(72.6, 49.0, 73.6, 51.0), 60_000.0, 17_001.0),
    ("TOY-adm2-c", "Éastern & Co", "TOY-adm1-e", box(73.6, 49.8, 75.0, 51.0), 1_200_000.0, 1_050_000.0),
    ("TOY-adm2-none", "No district", None, shapely.Polygon(), 0.0, 0.0),
]
UPPER = [
    ("TOY-adm1-w", "West", "TOY-adm0-TOY", box(71.0, 49.0, 73.6, 51.0), 480_000.0, 267_001.0),
    ("TOY-adm1-e", "East", "TOY-adm0-TOY", box(73.6, 49.8, 75.0, 51.0), 1_200_000.0, 1_050_000.0),
]
UNIT_SETS = {"urban_centre": (CENTRES, 50_000), "urban_cluster": (CLUSTERS, 5_000)}
# growth of people a year, 2010 to 2020, each date in its own extent: one grows, one shrinks, one stays, one is new
GROWTH = {"TOY-uc-1": 0.02, "TOY-uc-2": -0.01, "TOY-uc-3": 0.0005, "TOY-uc-4": np.nan}
GROWTH |= {"TOY-cl-1": 0.02, "TOY-cl-2": -0.01, "TOY-cl-3": 0.0005, "TOY-cl-4": 0.03, "TOY-cl-5": np.nan}
PARTS = {"inside": 60_000.0, "edge": 40_000.0, "absorbed": 5_000.0, "new": 61_000.0, "dropped": 1_000.0, "total": 165_000.0}
# land consumption a year, growth of people a year, ratio, class
LAND = {
    "TOY-uc-1": (0.03, 0.02, 1.5, 1),
    "TOY-uc-2": (0.01, -0.01, np.nan, 4),
    "TOY-uc-3": (0.0, 0.012, 0.0, 5),
    "TOY-uc-4": (0.02, 0.025, 0.8, 2),
}
COUNTRY = [("TOY-adm0-TOY", "Toyland", None, box(71.0, 49.0, 75.0, 51.0), 1_680_000.0, 1_317_001.0)]


def _frame(rows: list[tuple], level: str) -> gpd.GeoDataFrame:
    ids, names, parents, shapes, *_ = zip(*rows, strict=True)
    frame = gpd.GeoDataFrame(
        {"name": names, "level": level, "iso3": "TOY", "parent_id": parents},
        geometry=list(shapes), index=pd.Index(ids, name="zone_id"), crs=4326,
    )  # fmt: skip
    return frame.assign(area_km2=[shape.area * 8_000.0 for shape in shapes])


def make_zones() -> gpd.GeoDataFrame:
    centres = _frame(CENTRES, "urban_centre").assign(
        name_ascii=["Symkent", "Sao Jose", "script", "HYPERLINK"],
        name_alternate=["Шымкент", None, None, None],
        cross_border=[False, True, False, False],
        district_1=["TOY-adm2-c", "TOY-adm2-a", "TOY-adm2-a", "TOY-adm2-c"],
        district_1_name=["Éastern & Co", "Åland Żupa", "Åland Żupa", "Éastern & Co"],
        district_1_share=[0.97, 1.0, 1.0, 1.0],
        district_2=["TOY-adm2-b", None, None, None],
    )
    clusters = _frame(CLUSTERS, "urban_cluster").assign(cross_border=[False, True, False, False, False])
    districts = _frame(DISTRICTS, "adm2").assign(
        source_FID=[7, 8, 9, None], source_note=["a", "b", "c", None], fid=[1, 2, 3, 4]
    )
    tables = [centres, clusters, districts, _frame(UPPER, "adm1"), _frame(COUNTRY, "adm0")]
    zones = gpd.GeoDataFrame(pd.concat(tables), geometry="geometry", crs=4326)
    return zones.assign(flags=["across the border; few cells" if zone == "TOY-uc-2" else "" for zone in zones.index])


def make_points(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    placed = zones[~zones.geometry.is_empty]
    points = [shape.representative_point() for shape in placed.geometry]
    return gpd.GeoDataFrame({"how": "mean"}, geometry=points, index=placed.index, crs=4326)


def make_values() -> pd.DataFrame:
    rows: list[tuple] = []

    def add(zone_id: str, measure: str, period: str, source: str, value: float, reason: str = "") -> None:
        rows.append((zone_id, measure, period, source, "", value, 1.0, reason))

    for number, (zone_id, _, _, shape, people, outside) in enumerate([*CENTRES, *CLUSTERS], start=1):
        add(zone_id, "population.total", "2020", "ghs", people)
        add(zone_id, "population.inside", "2020", "ghs", people - outside)
        add(zone_id, "population.outside", "2020", "ghs", outside)
        add(zone_id, "population.density", "2020", "ghs", people / (shape.area * 8_000.0))
        add(zone_id, "lights.sum", "2016-01", "lights", 1_000.0 / number)
        unseen = zone_id == "TOY-uc-3"
        add(zone_id, "lights.sum", "2018-01", "lights", np.nan if unseen else 1_100.0 / 3 / number, UNSEEN if unseen else "")
        add(zone_id, "built_up.area", "2020", "built_up", people * 1e-4)
        add(zone_id, "built_up.per_person", "2020", "built_up", 100.0)
    for number, (zone_id, _, _, shape, people, urban) in enumerate([*DISTRICTS, *UPPER, *COUNTRY], start=1):
        empty = people == 0
        add(zone_id, "population.total", "2020", "ghs", people)
        add(zone_id, "population.urban", "2020", "ghs", urban)
        share = (np.nan, "nobody lives here") if empty else (urban / people, "")
        add(zone_id, "population.urban_share", "2020", "ghs", *share)
        add(zone_id, "population.density", "2020", "ghs", *((np.nan, "no land") if empty else (people / shape.area / 8e3, "")))
        for period in ("2016-01", "2018-01"):
            add(zone_id, "lights.sum", period, "lights", 3_000.0 / number)
        add(zone_id, "built_up.area", "2020", "built_up", people * 2e-4)
    rows += [*light_rows(), *growth_rows(), *system_rows(), *land_rows()]
    return pd.DataFrame(rows, columns=list(LONG_COLUMNS))


def light_rows() -> list[tuple]:
    """Light by area of years and of a month, and what follows from it; the third centre was not seen in 2018."""
    rows = []
    for number, (zone_id, *_) in enumerate([*CENTRES, *CLUSTERS, *DISTRICTS, *UPPER, *COUNTRY], start=1):
        for period, light in (("2016", 800.0), ("2018", 1_000.0), ("2018-12", 1_100.0)):
            unseen = zone_id == "TOY-uc-3" and period == "2018"
            variant = "floor=0.1;months=4-10" if len(period) == 4 else "floor=0.1"
            value = (np.nan, 0.0, UNSEEN) if unseen else (light / number, 1.0, "")
            rows.append((zone_id, "lights.sum_area", period, "lights", variant, *value))
        growth = (np.nan, 0.0, NOT_THEN) if zone_id == "TOY-uc-3" else (1.25**0.5 - 1, 1.0, "")
        rows.append((zone_id, "lights.growth", "2016/2018", "lights", BREAKS, *growth))
        rows.append((zone_id, "lights.national_share", "2018", "lights", "floor=0.1;months=4-10", 0.5 / number, 1.0, ""))
    return rows


def growth_rows() -> list[tuple]:
    rows = []
    for zone_id, rate in GROWTH.items():
        why = NOT_THEN if np.isnan(rate) else ""
        rows.append((zone_id, "population.growth_rate", "2010/2020", "ghs", "boundary=moving", rate, 1.0, why))
        rows.append((zone_id, "population.growth_rate", "2010/2020", "ghs", "boundary=fixed", 0.01, 1.0, ""))
    return rows


def system_rows() -> list[tuple]:
    """The system of cities by its own formulas; where people were added, by hand."""
    rows = []

    def add(values, period: str, variant: str) -> None:
        for measure, value in values.items():
            missing = np.isnan(value)
            why = {"urban_growth.absorbed": NO_TOWNS}.get(measure, TOO_FEW) if missing else ""
            rows.append(("TOY-adm0-TOY", measure, period, "ghs", variant, value, 1.0, why))

    for level, (settlements, cutoff) in UNIT_SETS.items():
        words = f"cutoff={cutoff};units={level}"
        people = pd.Series({zone_id: people - outside for zone_id, *_, people, outside in settlements})
        before = people * np.exp(-10 * pd.Series(GROWTH).reindex(people.index))
        add(city_system(people, cutoff=cutoff)[0], "2020", words)
        for name, row in size_classes(people, cutoff=cutoff).iterrows():
            add(row, "2020", f"class={name};{words}")
        classes, values, _ = growth_by_size(before, people, years=10)
        add(values, "2010/2020", words)
        for name, row in classes.iterrows():
            add(row, "2010/2020", f"class={name};{words}")
        parts = {f"urban_growth.{name}": value for name, value in PARTS.items()}
        if level == "urban_cluster":
            parts |= {"urban_growth.absorbed": np.nan, "urban_growth.edge": 45_000.0}
        add(parts | {"urban_growth.settlements_new": 1.0}, "2010/2020", words)
    return rows


def land_rows() -> list[tuple]:
    """Land consumption by two formulas on two boundaries; kinds of new built-up land."""
    rows = []
    keys = ("consumption_rate", "population_growth", "consumption_ratio", "consumption_class")
    for zone_id, numbers in LAND.items():
        for variant in [f"boundary={b};formula=un-habitat-{year}" for b in ("fixed", "moving") for year in (2018, 2021)]:
            for key, value in zip(keys, numbers, strict=True):
                if zone_id == "TOY-uc-4" and "moving" in variant:
                    continue
                why = "population shrinks" if np.isnan(value) else ""
                rows.append((zone_id, f"land.{key}", "2010/2020", "ghs", variant, value, 1.0, why))
        variant = "built_share=0.5;min_cells=2;rule=liu-2010"
        rows.append((zone_id, "expansion.infill_share", "2010/2020", "built_up", variant, 0.4, 1.0, ""))
    return rows


def make_links() -> pd.DataFrame:
    rows = [
        ("TOY-uc-1", "TOY-adm2-c", "district", 885_000.0, 40, 0.97, 0.74, 1),
        ("TOY-uc-1", "TOY-adm2-b", "district", 27_345.0, 4, 0.03, 0.46, 2),
        ("TOY-uc-2", "TOY-adm2-a", "district", 130_000.0, 12, 1.0, 0.31, 1),
        ("TOY-uc-1", "TOY-cl-1", "urban_cluster", 912_345.0, 44, 1.0, 0.87, 1),
    ]
    columns = ["from_id", "to_id", "relation", "people", "cells", "from_share", "to_share", "rank"]
    return pd.DataFrame(rows, columns=columns)


def make_rasters() -> dict:
    rows, cols = 600, 900
    grid = GeoBox((rows, cols), Affine(4 / cols, 0, 71.0, 0, -2 / rows, 51.0), "EPSG:4326")
    people = np.random.default_rng(7).gamma(0.3, 20.0, (rows, cols)).astype("float32")
    people[500:, 500:] = np.nan
    classes = np.zeros((rows, cols), "uint8")
    classes[40:140, 700:850], classes[60:120, 720:800] = 1, 2
    kinds = np.zeros((rows, cols), "uint8")
    kinds[60:120, 720:800], kinds[80:90, 750:760], kinds[120:130, 720:800], kinds[150:160, 850:870] = 1, 2, 3, 4
    return {
        "expansion_2010_2020": make_raster(kinds, grid, kind="class", units="kind of expansion", source="built_up"),
        "urban_extents_ghs_2020": make_raster(classes, grid, kind="class", units="urban extent", source="ghs_2020"),
        "inputs/population_ghs_2020": make_raster(people, grid, kind="count", units="people", source="ghs", modelled="yes"),
    }


def make_review() -> Review:
    zones = make_zones()
    return Review(
        iso3="TOY",
        title="Toyland",
        edition="thresholds",
        population="ghs 2020",
        zones=zones,
        points=make_points(zones),
        values=make_values(),
        links=make_links(),
        rasters=make_rasters(),
        ledger=Ledger()
        .add("population", "people beyond the border, in the margin", "people", 31_000.0)
        .add("urban_centre", "unnamed settlement", "zone", 1, "TOY-cl-5")
        .add("lights", "cells without a value", "cell", 123, "TOY-uc-3"),
        inputs=(
            InputFile("ghs 2020", "people.tif", "count", "people", "600 x 900 cells", 1_234_567, "ab" * 32, "CC BY 4.0",
                      "Schiavina et al. (2023), https://data.example.org/ghs <GHS-POP>", modelled=True),
            InputFile("boundaries", "districts.gpkg", "vector", "", "layer districts", 98_765, "cd" * 32),
        ),
        settings={
            "country": {"iso3": "TOY"},
            "delineation": {"rules": "thresholds"},
            "lights": {"years": [2016, 2018], "floor": 0.1},
        },
        steps=(("boundaries", 0.31), ("population", 75.0)),
        notes=("Boundaries as of 2022.", "Urban centre: cells of at least 1,500 people per km2 & more."),
    )  # fmt: skip


def without_cities(review: Review) -> Review:
    """The same country under the same rules, with nobody in a city."""
    zones = review.zones[~review.zones["level"].str.startswith("urban")]
    zones = zones.drop(columns=[name for name in zones if name.startswith(("district_", "name_", "cross"))])
    of_cities = review.values["measure"].str.partition(".")[0].isin(["system", "size_class", "urban_growth"])
    values = review.values[review.values["zone_id"].isin(zones.index) & ~of_cities]
    none = [("system.settlements", 0.0, ""), ("system.people", 0.0, ""), ("system.primacy", np.nan, TOO_FEW)]
    rows = [
        ("TOY-adm0-TOY", measure, "2020", "ghs", f"cutoff={cutoff};units={level}", value, 1.0, why)
        for level, (_, cutoff) in UNIT_SETS.items()
        for measure, value, why in none
    ]
    values = pd.concat([values, pd.DataFrame(rows, columns=list(LONG_COLUMNS))], ignore_index=True)
    return replace(
        review, zones=zones, points=review.points.loc[review.points.index.isin(zones.index)], values=values,
        links=review.links.iloc[:0],
    )  # fmt: skip


@pytest.fixture(scope="session")
def review() -> Review:
    return make_review()


@pytest.fixture(scope="session")
def observed(review: Review) -> Review:
    """The same review from inputs that are not made up."""
    return replace(review, inputs=tuple(replace(entry, modelled=False) for entry in review.inputs))


@pytest.fixture(scope="session")
def empty(review: Review) -> Review:
    return without_cities(review)


@pytest.fixture(scope="session")
def folder(review: Review, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that the toy review leaves on disk."""
    from datetime import UTC, datetime

    from urbanreview.report import write_report

    root = tmp_path_factory.mktemp("review")
    write_report(review, root, finished=datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC))
    return root

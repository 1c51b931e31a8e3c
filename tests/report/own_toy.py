"""The made-up country with two sets of own zones, official numbers, a city list and another database beside it."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box
from tests.report.conftest import SCRIPT, make_points

from urbanreview.report import LONG_COLUMNS, Review
from urbanreview.report.beside import BESIDE

NAN = np.nan
ARABIC = "مدينة النور"
QUOTED = 'O\'Brien "&" Söhne'
# id, name, outline, people, urban people
ZONES = {
    "limits": [
        ("TOY-limits-1", "Şymkent limits", box(74.15, 50.55, 74.7, 50.92), 1_000_000.0, 950_000.0),
        ("TOY-limits-2", SCRIPT, box(71.9, 49.1, 72.3, 49.4), 120_000.0, 99_000.0),
    ],
    "planning-regions": [("TOY-planning-regions-07", ARABIC, box(71.2, 49.1, 73.9, 50.9), 700_000.0, 200_000.0)],
}
# statistic, zone, name, official rows, official, ours, matched by, reason
OFFICIAL = [
    ("census", "TOY-adm0-TOY", "Toyland", "the total", 2_000_000.0, 1_680_000.0, None, ""),
    ("census", "TOY-adm2-a", "Åland Żupa", "Aland; Zhupa", 400_000.0, 420_000.0, "correspondence", "definition"),
    ("census", "TOY-adm2-b", SCRIPT, "Middle", 0.0, 60_000.0, "code", "the official number is zero"),
    ("census", "TOY-adm2-c", QUOTED, "East", 1_500_000.0, 1_200_000.0, "name", "years differ: 2023 and 2020"),
    ("census", "TOY-adm2-none", "No district", None, NAN, 0.0, None, "no official row"),
    ("census", None, ARABIC, ARABIC, 77_000.0, NAN, None, "no unit of this code or name"),
    ("register", "TOY-adm1-w", "West", "West", 480_000.0, 480_000.0, "name", ""),
]
# zone, other, name, how, both, share, other share, distance, rank, other rank, relation, grade, people
MATCHES = [
    ("TOY-uc-1", "007", "Shymkent", "overlap", 900_000.0, 0.986, 0.9, 0.0, 1, 1, "one to many", "high", 1_000_000.0),
    ("TOY-uc-1", "008", SCRIPT, "overlap", 9_000.0, 0.0099, 0.8, 0.0, 2, 1, "one to many", "medium", 11_000.0),
    ("TOY-uc-2", "021", QUOTED, "near", 0.0, 0.0, 0.0, 3.25, 1, 1, "one to one", "low", NAN),
    ("TOY-cl-1", "007", "Shymkent", "overlap", 950_000.0, 0.9, 0.95, 0.0, 1, 1, "one to one", "high", 1_000_000.0),
    (None, "099", ARABIC, "none", NAN, NAN, NAN, NAN, NAN, NAN, None, None, 45_000.0),
]
# code, name, status, flags, people, outcome, level, zone, settlement, its people, merged with, reason
CITIES = [
    ("01", "Shymkent", "republican", "capital; port", 1_100_000.0, "found", "urban_centre", "TOY-uc-1", "Şymkent", 912_345.0,
     None, None),
    ("02", QUOTED, "district", None, 40_000.0, "merged", "urban_centre", "TOY-uc-1", "Şymkent", 912_345.0, "Shymkent", None),
    ("03", SCRIPT, None, "port", 9_000.0, "missed", None, None, None, NAN, None, "too small: 4,321 people, expected 5,000"),
    (None, None, None, None, NAN, "unlisted", "urban_cluster", "TOY-cl-4", "Ґанок", 12_000.0, None, None),
]  # fmt: skip
GROUPS = [
    ("status", "republican", 1, 1, 0, 0, 1_100_000.0, 1, 912_345.0),
    ("status", "not stated", 1, 0, 0, 1, 9_000.0, 0, NAN),
    ("flag", "port", 2, 1, 0, 1, 1_109_000.0, 1, 912_345.0),
]
DIVISION = [
    ("overlap", "TOY-adm2-a; TOY-adm2-b", f"Åland Żupa; {SCRIPT}", 12.5, 345.0),
    ("no unit", None, None, 2_000.0, 6_789.0),
    ("beyond the outline", "TOY-adm2-c", QUOTED, 3.0, NAN),
]


def make_beside() -> dict[str, pd.DataFrame]:
    official = pd.DataFrame(
        OFFICIAL, columns=["statistic", "zone_id", "name", "official_rows", "official", "ours", "matched_by", "reason"]
    )
    official["gap"] = official["ours"] - official["official"]
    official["gap_share"] = official["gap"] / official["official"].where(official["official"] > 0)
    pairs = pd.DataFrame(
        MATCHES,
        columns=["zone_id", "other_id", "other_name", "how", "people_both", "zone_share", "other_share", "distance_km", "rank",
                 "other_rank", "relation", "grade", "other_people"],
    ).assign(database="ucdb", area_both_km2=1.0, zone_area_share=0.5, other_area_share=0.5, names_agree=False)  # fmt: skip
    cities = pd.DataFrame(
        CITIES,
        columns=["code", "name", "status", "flags", "listed_people", "outcome", "level", "zone_id", "settlement_name",
                 "settlement_people", "merged_with", "reason"],
    ).assign(longitude=70.0, latitude=50.0, matched_by=None, distance_km=0.0)  # fmt: skip
    extents = pd.DataFrame(
        [
            ("TOY-limits-1", "Şymkent limits", "TOY-uc-1", "Şymkent", "urban_centre", 0.61, 1_000_000.0, 912_345.0, 900_000.0),
            ("TOY-limits-2", SCRIPT, None, None, "urban_centre", NAN, 120_000.0, NAN, 0.0),
        ],
        columns=["zone_id", "name", "settlement_id", "settlement_name", "level", "area_overlap", "people", "settlement_people",
                 "people_both"],
    )  # fmt: skip
    extents = extents.assign(
        people_only_zone=extents["people"] - extents["people_both"],
        people_only_settlement=extents["settlement_people"] - extents["people_both"],
        people_overlap=[0.889, NAN], area_km2=100.0, settlement_area_km2=[80.0, NAN], area_both_km2=[70.0, 0.0],
        names_agree=[True, False], mutual=[True, False],
    )  # fmt: skip
    groups = pd.DataFrame(GROUPS, columns=list(BESIDE["city_groups"]))
    division = pd.DataFrame(DIVISION, columns=list(BESIDE["division"]))
    tables = {"crosswalk": pairs, "extents_compared": extents, "official": official, "city_list": cities}
    return tables | {"city_groups": groups, "division": division}


def with_own(review: Review) -> Review:
    """The toy country with two sets of own zones and all tables beside it."""
    frames, rows = [], []
    for level, zones in ZONES.items():
        ids, names, shapes, people, urban = zip(*zones, strict=True)
        frames.append(
            gpd.GeoDataFrame(
                {"name": names, "level": level, "iso3": "TOY", "parent_id": None, "flags": "",
                 "area_km2": [shape.area * 8_000.0 for shape in shapes]},
                geometry=list(shapes), index=pd.Index(ids, name="zone_id"), crs=4326,
            )
        )  # fmt: skip
        for zone_id, total, inside in zip(ids, people, urban, strict=True):
            rows.append((zone_id, "population.total", "2020", "ghs", "", total, 1.0, ""))
            rows.append((zone_id, "population.urban", "2020", "ghs", "", inside, 1.0, ""))
            rows.append((zone_id, "population.urban_share", "2020", "ghs", "", inside / total, 1.0, ""))
    beside = make_beside()
    for row in beside["official"].query("zone_id == zone_id").to_dict("records"):
        for measure, column in (("people", "official"), ("gap", "gap"), ("gap_share", "gap_share")):
            why = "" if pd.notna(row[column]) else "no official row"
            rows.append((row["zone_id"], f"official.{measure}", "2023", row["statistic"], "", row[column], 1.0, why))
    zones = gpd.GeoDataFrame(pd.concat([review.zones, *frames]), geometry="geometry", crs=4326)
    zones.index.name = "zone_id"
    zones = zones.assign(
        ucdb_id=pd.Series({"TOY-uc-1": "007"}), ucdb_share=pd.Series({"TOY-uc-1": 0.986}),
        ucdb_matches=pd.Series({"TOY-uc-1": 2.0}), limits_1=pd.Series({"TOY-uc-1": "TOY-limits-1"}),
        limits_1_name=pd.Series({"TOY-uc-1": "Şymkent limits"}), listed_code=pd.Series({"TOY-uc-1": "01"}),
        name_kk=pd.Series({"TOY-uc-1": "Шымкент"}),
    )  # fmt: skip
    return replace(
        review,
        zones=zones,
        points=make_points(zones),
        values=pd.concat([review.values, pd.DataFrame(rows, columns=list(LONG_COLUMNS))], ignore_index=True),
        beside=beside,
        settings={**review.settings, "zones": {level: {} for level in ZONES}},
    )

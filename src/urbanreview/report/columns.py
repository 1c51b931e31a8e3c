"""What the columns of the wide tables are called, and what each of them means."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass

import pandas as pd

from urbanreview.measures import BY_KEY, measure_of

KEY_PARTS = ["measure", "period", "source", "variant"]
"""What tells one number of a zone from another."""
FLAGS = "flags"
"""The column of plausibility flags: it stands in every table of zones, whether any zone has one or not."""
CLIMATE = "climate."
USUAL_RETURN_PERIOD = "100"
"""Years; what a hazard is told by where nothing else is asked for."""
WHOLE_YEAR = 13
"""Stands for the month of a year as a whole, which comes after the last of its months."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its name in files, its heading for people, and the promise behind it.

    Attributes
    ----------
    name : str
        As in the files.
    heading : str
        Title, period, whatever else tells it from its neighbours, and the unit in brackets.
    title, unit, method, reference, page : str
        From the record of the measure or of the attribute; the page is the method's, from the root of the project.
    measure, period, source, variant : str
        As in the long table; empty for attributes.
    """

    name: str
    heading: str
    title: str
    unit: str = ""
    method: str = ""
    reference: str = ""
    page: str = ""
    measure: str = ""
    period: str = ""
    source: str = ""
    variant: str = ""

    @property
    def is_share(self) -> bool:
        """Whether the numbers are parts of one, to be printed in per cent."""
        return self.unit == "1" and "share" in (self.measure or self.name)


def clean(text: str) -> str:
    """Return text as part of a column name: small letters, digits and underscores.

    >>> clean("2020-01"), clean("1991/2020"), clean("depth=0.15;return_period=100")
    ('2020_01', '1991_2020', 'depth_0_15_return_period_100')
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def measure_columns(values: pd.DataFrame) -> tuple[Column, ...]:
    """Name the columns that the numbers of a long table become in a wide one.

    Parameters
    ----------
    values : DataFrame
        A long table of all zones of a review, so that every level gets the same names.

    Returns
    -------
    tuple of Column
        In report order, then by period, source and variant. The name is the measure with underscores, then the
        period, then the variant if the measure and period have several, then the source if the measure has several.

    Raises
    ------
    UnknownName
        If a measure has no record.

    Examples
    --------
    >>> rows = [("lights.sum", "2016", "viirs", ""), ("lights.sum", "2018", "viirs", "")]
    >>> [column.name for column in measure_columns(pd.DataFrame(rows, columns=KEY_PARTS))]
    ['lights_sum_2016', 'lights_sum_2018']
    """
    keys = values[KEY_PARTS].drop_duplicates()
    rows = [(str(m), str(p), str(s), str(v)) for m, p, s, v in keys.itertuples(index=False, name=None)]
    sources: dict[str, set[str]] = {}
    variants: dict[tuple[str, str], set[str]] = {}
    for measure, period, source, variant in rows:
        measure_of(measure)
        sources.setdefault(measure, set()).add(source)
        variants.setdefault((measure, period), set()).add(variant)
    rank = {key: number for number, key in enumerate(BY_KEY)}
    named: dict[str, Column] = {}
    for measure, period, source, variant in sorted(rows, key=lambda row: (rank[row[0]], *row[1:])):
        tells = [variant] if len(variants[measure, period]) > 1 else []
        tells += [source] if len(sources[measure]) > 1 else []
        column = _measure_column(measure, period, source, variant, tells=tells, taken=named)
        named[column.name] = column
    return tuple(named.values())


def _measure_column(measure: str, period: str, source: str, variant: str, *, tells: list[str], taken: Container[str]) -> Column:
    parts = [part for part in (period, *tells) if part]
    name = _free("_".join(clean(part) for part in (measure, *parts)), taken)
    return _of_record(measure, name, parts, period=period, source=source, variant=variant)


def plain_columns() -> dict[str, Column]:
    """Return a column for every measure whose period, source and variant are columns of their own, by its name.

    >>> plain_columns()["system_primacy"].heading
    'Primacy'
    """
    return {clean(key): _of_record(key, clean(key), []) for key in BY_KEY}


def _of_record(measure: str, name: str, tells: list[str], *, period: str = "", source: str = "", variant: str = "") -> Column:
    record = measure_of(measure)
    return Column(
        name=name,
        heading=_heading(", ".join([record.title, *tells]), record.unit),
        title=record.title,
        unit=record.unit,
        method=record.method,
        reference=record.reference,
        page=record.page,
        measure=measure,
        period=period,
        source=source,
        variant=variant,
    )


def _heading(text: str, unit: str) -> str:
    return f"{text} [{unit}]" if unit not in ("", "1") else text


def _free(name: str, taken: Container[str]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def newest(columns: Iterable[Column], measure: str, *, source: str = "", period: str = "") -> Column | None:
    """Return the column that tells a measure best.

    That of the named source and period if there is one, else of the newest period; of the climate the mean of a reference
    period rather than one year. Of several variants the one that fits a place best (`fit`).

    >>> rows = [("lights.sum", period, "viirs", "") for period in ("2016", "2018", "2018-12")]
    >>> newest(measure_columns(pd.DataFrame(rows, columns=KEY_PARTS)), "lights.sum").name
    'lights_sum_2018'
    """
    candidates = [column for column in columns if column.measure == measure]
    wanted = [column for column in candidates if column.source == source] or candidates
    wanted = [column for column in wanted if column.period == period] or wanted
    own = f"{source}:{period}"
    return max(wanted, key=lambda column: (_is_usual(column), age(column.period), fit(column, own)), default=None)


def _is_usual(column: Column) -> bool:
    """Tell whether a column is of a reference period of the climate, where its measure could be of single years too."""
    return column.measure.startswith(CLIMATE) and "/" in column.period


def fit(column: Column, own: str) -> tuple[bool, ...]:
    """Say how well a variant tells of a place.

    Better is: on the review's own population (`own` is ``source:period``), the mean rather than an extreme (``statistic``),
    one in a hundred years, weighted by people.
    """
    parts = parts_of(column.variant)
    is_own = parts.get("people", own) == own
    return is_own, "statistic" not in parts, parts.get("return_period") == USUAL_RETURN_PERIOD, parts.get("weight") == "people"


def age(period: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Order periods from old to new: by the last date, then by the first; a whole year is newer than its months.

    >>> sorted(["2018", "", "2018-12", "2010/2020", "2000/2020"], key=age)
    ['', '2018-12', '2018', '2000/2020', '2010/2020']
    """
    first, _, last = period.rpartition("/")
    return _date(last), _date(first or last)


def _date(text: str) -> tuple[int, int]:
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    year, month, *_ = [*numbers, *(0, WHOLE_YEAR)[len(numbers) :]]
    return year, month


def parts_of(variant: str) -> dict[str, str]:
    """Return the choices of a variant by their names.

    >>> parts_of("cutoff=50000;units=urban_centre"), parts_of("")
    ({'cutoff': '50000', 'units': 'urban_centre'}, {})
    """
    return dict(part.split("=", 1) for part in variant.split(";") if "=" in part)


_FROM_SETTLEMENTS = "By the people of the overlap."
_ATTRIBUTES: dict[str, tuple[str, str, str]] = {
    "zone_id": ("Zone id", "", "Unique; holds for one population source and rule set."),
    "name": ("Name", "", "From the boundary file for units, from the gazetteer for settlements."),
    "level": ("Level", "", "urban_centre, urban_cluster, or the administrative level."),
    "iso3": ("Country", "", "ISO 3166-1 alpha-3 code."),
    "area_km2": ("Area", "km2", "Geodesic area of the outline on the WGS 84 ellipsoid."),
    "parent_id": ("Parent zone", "", "The cluster of a centre, the upper unit of a district."),
    "parent_name": ("Name of the parent zone", "", "From the boundary file."),
    "name_ascii": ("Name in plain letters", "", "For sorting and searching."),
    "name_alternate": ("Alternate name", "", "The place's name in the script of its country, from the gazetteer."),
    "name_found": ("How the name was found", "", "user, inside, nearest or cluster; none where there is no place."),
    "name_distance_km": ("Distance to the named place", "km", "Geodesic, from the settlement's outline; 0 inside."),
    "city": (
        "City",
        "",
        "Gazetteer place that gives the name: the most populous one inside, else the cluster's or the nearest.",
    ),
    "first_level": ("First-level unit", "", "Unit above the first district, from the boundaries."),
    "country": ("Country of the place", "", "From the gazetteer."),
    "cross_border": (
        "Crosses the border",
        "",
        "Whether people of the settlement live more than a cell beyond the country's outline.",
    ),
    FLAGS: (
        "Plausibility flags",
        "",
        "What to look at before the zone's numbers are believed, joined by '; '; empty if nothing is odd. The page of the "
        "review says what each means.",
    ),
    "units": ("Unit set", "", "Which settlements the row counts: urban centres, or urban clusters with their centres."),
    "cutoff": ("Cut-off", "people", "Settlements with fewer people inside the country are left out."),
    "class": (
        "Class of size",
        "",
        "People of a settlement, from the first number on and under the second (k thousands, m millions); of rows over a span "
        "of years, its people at the first date.",
    ),
    "peak_longitude": ("Longitude of the fullest cell", "degrees", "Centre of the most populous cell."),
    "peak_latitude": ("Latitude of the fullest cell", "degrees", "Centre of the most populous cell."),
    "geonameid": ("GeoNames id", "", "Of the place that gave the name."),
    "lon": ("Longitude", "degrees", "WGS 84."),
    "lat": ("Latitude", "degrees", "WGS 84."),
    "how": ("How the point was found", "", "mean: weighted by people; snapped: moved into the zone; centroid: people aside."),
    "cells": ("Cells", "cells", "Cells of the population grid."),
    "people_inside": ("People inside the country", "people", "Of a settlement; sum of the population grid."),
    "people_outside": ("People beyond the border", "people", "Of a settlement; sum of the population grid."),
    "cells_initial": ("Cells before smoothing and filling", "cells", "Of an urban centre, as its dense cells alone gave it."),
    "people_initial": (
        "People before smoothing and filling",
        "people",
        "Of an urban centre, as its dense cells alone gave it.",
    ),
    "population": ("Population", "", "Source and year of the population that the row is about."),
    "urban_people": ("Urban people", "people", "People inside the country in urban clusters, centres included."),
    "urban_share": ("Urban share", "1", "Urban people over people."),
    "centre_people": ("People in urban centres", "people", "People inside the country in urban centres."),
    "centre_share": ("Share in urban centres", "1", "People in urban centres over people."),
    "centres": ("Urban centres", "", "With at least one inhabitant inside the country."),
    "clusters": ("Urban clusters", "", "With at least one inhabitant inside the country."),
    "urban_km2": ("Urban area", "km2", "Cells of urban clusters, by their part inside the country."),
    "centre_km2": ("Area of urban centres", "km2", "Cells of urban centres, by their part inside the country."),
    "minutes": (
        "Travel time",
        "min",
        "Fastest way between the points over the friction surface; empty if none leads there.",
    ),
    "km": ("Length of the way", "km", "Ground length of the fastest way, through the centres of cells."),
    "km_per_h": ("Mean speed", "km/h", "Length over time of the way."),
    "match_id": ("Matched centre", "", "Centre of the scenario that shares most people with this one; empty if there is none."),
    "rank_change": ("Change of rank", "", "Rank in the first scenario less rank in this one: a climb is positive."),
    "first": ("First scenario", "", "Population and edition; cells are those of its grid."),
    "second": ("Second scenario", "", "Population and edition; on another grid it is moved by area."),
    "jaccard_urban": ("Agreement on urban cells", "1", "Cells urban in both over cells urban in either."),
    "jaccard_urban_centre": ("Agreement on centres", "1", "Cells of centres in both over cells of centres in either."),
    "measure": ("Measure", "", "Key of the measure; its record stands in this dictionary."),
    "period": ("Period", "", "Year, month, or span of years; empty if the number has none."),
    "source": ("Source", "", "The input's name in the settings."),
    "variant": ("Variant", "", "Further choices, as key=value;key=value."),
    "value": ("Value", "", "In the unit of the measure; empty if missing."),
    "valid_share": ("Valid share", "1", "Part of the zone's area on cells with data."),
    "reason": ("Reason", "", "Why a value is missing."),
    "from_id": ("From zone", "", "Zone id."),
    "to_id": ("To zone", "", "Zone id."),
    "from_name": ("Name of the first place", "", "Where the way begins."),
    "to_name": ("Name of the second place", "", "Where the way ends."),
    "relation": ("Relation", "", "What the two zones are to each other."),
    "people": ("People", "people", "Sum of the population grid: of the settlement, or of the overlap in links."),
    "from_share": ("Share of the first zone", "1", "People of the overlap over people of the first zone."),
    "to_share": ("Share of the second zone", "1", "People of the overlap over people of the second zone."),
    "rank": ("Rank", "", "1 is the largest overlap of the first zone."),
    "step": ("Step", "", "Where it happened."),
    "cause": ("Cause", "", "What was dropped, clipped, snapped, filled or left unnamed."),
    "unit": ("Unit", "", "Of the amount or of the column."),
    "amount": ("Amount", "", "In the unit of the row."),
    "listed_code": ("Code on the city list", "", "Of the listed city that stands for the settlement; empty where none does."),
    "listed_name": ("Name on the city list", "", "Of the listed city that stands for the settlement."),
    "listed_status": ("Status on the city list", "", "Of the listed city that stands for the settlement."),
    "listed_flags": ("Flags on the city list", "", "Of the listed city that stands for the settlement, joined by '; '."),
    "listed_people": ("People on the city list", "people", "Of the listed city that stands for the settlement."),
    "listed_outcome": (
        "Outcome against the city list",
        "",
        "found, or unlisted where no listed city stands for the settlement.",
    ),
    "listed_merged": ("Merged listed cities", "", "Other listed cities in the same settlement, joined by '; '."),
}
_BEST = "Of the city of the database that matches the settlement best; empty if none does."
_IN_DATABASE: dict[str, tuple[str, str, str]] = {
    "area_share": ("Share of area in {}", "1", f"Area of both over area of the settlement. {_BEST}"),
    "distance_km": ("Distance to {}", "km", f"Geodesic, from outline to outline or point; 0 where they touch. {_BEST}"),
    "id": ("Id in {}", "", f"The id there, as text. {_BEST}"),
    "name": ("Name in {}", "", f"The name there. {_BEST}"),
    "share": ("Share of people in {}", "1", f"People of both over people of the settlement. {_BEST}"),
    "grade": ("Grade of the match in {}", "", f"How sure the match is: high, medium or low. {_BEST}"),
    "matches": ("Matches in {}", "", "How many cities of the database match the settlement; empty if none does."),
}
_SUFFIXES = (("_km2", "km2"), ("_km", "km"), ("_m", "m"), ("_share", "1"), ("_lon", "degrees"), ("_lat", "degrees"))


def attribute_column(name: str) -> Column:
    """Describe a column that is no measure: known attributes by their record, others by what the name tells.

    >>> attribute_column("area_km2").heading, attribute_column("district_2_share").title
    ('Area [km2]', 'Share of people in district 2')
    """
    if name in _ATTRIBUTES:
        title, unit, method = _ATTRIBUTES[name]
    elif match := re.fullmatch(r"(cells|people)_(rural|urban_cluster|urban_centre)_(rural|urban_cluster|urban_centre)", name):
        what, one, two = (word.replace("_", " ") for word in match.groups())
        title, unit = f"{what.capitalize()}: {one}, then {two}", match[1]
        method = "Class in the first scenario, then in the second; people are those of the first one's population."
    else:
        title, unit, method = _told_by_name(name)
    return described(name, title, unit, method)


def described(name: str, title: str, unit: str, method: str) -> Column:
    """Return a column that is no measure, by its record."""
    return Column(name=name, heading=_heading(title, unit), title=title, unit=unit, method=method)


def _told_by_name(name: str) -> tuple[str, str, str]:
    """Return title, unit and method of columns that are called after a zone set, a language, a city database or a file."""
    if name.startswith("source_"):
        own = name.removeprefix("source_").replace("_", " ").strip().capitalize() or name
        return f"{own} (boundary file)", _unit_of(name), "Attribute of the boundary file, unchanged."
    if match := re.fullmatch(r"name_([a-z]{2,3}(?:[-_][a-z0-9]{2,8})*)", name, re.IGNORECASE):
        return (
            f"Name in the language {match[1]}",
            "",
            "From the file of alternate names, by its language tag; empty if unknown.",
        )
    if match := re.fullmatch(r"(.+)_(\d)(_name|_share)?", name):
        zones = match[1].replace("_", " ").capitalize()
        what = {None: "{} {}", "_name": "Name of {} {}", "_share": "Share of people in {} {}"}[match[3]]
        title = what.format(zones.lower() if match[3] else zones, match[2])
        return title, "1" if match[3] == "_share" else "", f"{zones} {match[2]} in the order of people. {_FROM_SETTLEMENTS}"
    if match := re.fullmatch(rf"(.+?)_({'|'.join(_IN_DATABASE)})", name):
        title, unit, method = _IN_DATABASE[match[2]]
        return title.format(match[1].replace("_", " ")), unit, method
    return name.replace("_", " ").strip().capitalize() or name, _unit_of(name), "Attribute of the zone."


def _unit_of(name: str) -> str:
    return next((unit for ending, unit in _SUFFIXES if name.endswith(ending)), "")

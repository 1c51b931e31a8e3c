"""Real New England, 2000 and 2010: growth adds up to the person, and totals are those of plain labels."""

import numpy as np
import pytest
from scipy import ndimage, stats

from urbanreview.delineation import EDITIONS, degree_of_urbanisation, extents
from urbanreview.indicators.city_system import city_system, growth_by_size, growth_rate, size_classes
from urbanreview.indicators.urban_growth import decompose, moving_before, predecessors
from urbanreview.sources import open_raster

pytestmark = pytest.mark.real

YEARS = (2000, 2010)
LEVELS = ("urban_cluster", "urban_centre")
CUTOFF = {"urban_cluster": 5_000, "urban_centre": 50_000}
PARTS = ("inside", "edge", "absorbed", "new", "dropped")
BELOW = {"urban_cluster": [13], "urban_centre": [22, 23]}
"""Classes of the level below: rural clusters are villages, dense and semi-dense clusters towns."""


GROWTH = {
    "urban_cluster": [437_058, 227_549, 234_751, 51_991, 17_636, 94_869, 3, 1, 10],
    "urban_centre": [184_522, 87_159, 64_952, 51_241, 0, 18_829, 0, 0, 1],
}
"""Total, parts and settlements new, dropped and merged, as the method page shows them."""
CHANGE = {"urban_cluster": [46, 11, 4], "urban_centre": [12, 2, 2]}
"""Growers, shrinkers, stable."""


@pytest.fixture(scope="module")
def files(data):
    return {year: data / "new_england" / f"population_{year}_1km.tif" for year in YEARS}


@pytest.fixture(scope="module")
def people(files):
    return {year: open_raster(path, kind="count", units="people", band=1)[0] for year, path in files.items()}


@pytest.fixture(scope="module")
def cells(files, stored):
    """People per cell, read the plain way."""
    return {year: stored(path) for year, path in files.items()}


@pytest.fixture(scope="module")
def degree(people):
    return {year: degree_of_urbanisation(raster, iso3="USA")[0] for year, raster in people.items()}


@pytest.fixture(scope="module")
def found(degree):
    """Settlements of the full method by level and year."""
    of = {"urban_cluster": "clusters", "urban_centre": "centres"}
    return {level: {year: getattr(degree[year], of[level]) for year in YEARS} for level in LEVELS}


@pytest.fixture(scope="module")
def systems(found, people):
    """Links, people of the second date and people before, by level."""
    tables = {}
    for level, dates in found.items():
        links = predecessors(*dates.values(), people[2000])
        after = dates[2010].zones["people"]
        tables[level] = links, moving_before(links, dates[2000].zones["people"]).reindex(after.index), after
    return tables


def split(dates, people, settled):
    inside = np.ones(settled.shape)
    return decompose(*dates.values(), *people.values(), inside=inside, settled_before=settled)


def added(values):
    inside, edge, absorbed, new, dropped = (values[f"urban_growth.{part}"] for part in PARTS)
    return inside + edge + absorbed + new - dropped


@pytest.mark.parametrize("level", LEVELS)
def test_growth_adds_up_to_the_person_and_its_parts_to_the_classes_of_cells(level, found, people, cells, degree):
    settled = np.isin(degree[2000].at_level(2).values, BELOW[level])
    values, ledger = split(found[level], people, settled)
    assert ledger.entries == ()
    assert list(values.values()) == pytest.approx(GROWTH[level], abs=0.6)
    assert added(values) == pytest.approx(values["urban_growth.total"], rel=1e-9)
    # Urban cells from the classes, people from the file: no settlement is asked.
    least = {"urban_cluster": 2, "urban_centre": 3}[level]
    was, now = (degree[year].at_level(1).values >= least for year in YEARS)
    first, last = cells.values()
    expected = {
        "total": last[now].sum() - first[was].sum(),
        "inside": (last - first)[was & now].sum(),
        "dropped": first[was & ~now].sum(),
    }
    assert {part: values[f"urban_growth.{part}"] for part in expected} == pytest.approx(expected, rel=1e-9)
    joined = sum(values[f"urban_growth.{part}"] for part in ("edge", "absorbed", "new"))
    assert joined == pytest.approx(last[now & ~was].sum(), rel=1e-9)
    assert values["urban_growth.absorbed"] <= last[now & ~was & settled].sum()


@pytest.mark.parametrize("level", LEVELS)
def test_the_parts_of_plain_thresholds_are_those_of_plain_labels(level, people, cells):
    """Settlements by density and size alone, found a second time with scipy."""
    rule = getattr(EDITIONS["thresholds"], level)
    dates = {year: extents(raster, rules=rule, iso3="USA")[0] for year, raster in people.items()}
    settled = cells[2000] >= 300
    values, _ = split(dates, people, settled)
    structure = np.ones((3, 3)) if rule.neighbours == 8 else None
    labels = {}
    for year, living in cells.items():
        image, count = ndimage.label(living >= rule.min_density, structure=structure)
        living_in = ndimage.sum_labels(living, image, np.arange(count + 1))
        labels[year] = np.where((living_in >= rule.min_people)[image] & (image > 0), image, 0)
    was, now = labels.values()
    first, last = cells.values()
    assert [len(dates[year].zones) for year in YEARS] == [len(np.unique(labels[year])) - 1 for year in YEARS]
    met = np.unique(now[(was > 0) & (now > 0)])
    new = (now > 0) & ~np.isin(now, met)
    joined = (now > 0) & (was == 0) & ~new
    expected = {
        "total": last[now > 0].sum() - first[was > 0].sum(),
        "inside": last[(was > 0) & (now > 0)].sum() - first[(was > 0) & (now > 0)].sum(),
        "edge": last[joined & ~settled].sum(),
        "absorbed": last[joined & settled].sum(),
        "new": last[new].sum(),
        "dropped": first[(was > 0) & (now == 0)].sum(),
        "settlements_new": len(np.unique(now[new])),
        "settlements_dropped": len(np.setdiff1d(was[was > 0], was[(was > 0) & (now > 0)])),
    }
    assert {part: values[f"urban_growth.{part}"] for part in expected} == pytest.approx(expected, rel=1e-9)
    assert values["urban_growth.total"] > 0


@pytest.mark.parametrize(("level", "counts"), [("urban_cluster", [72, 69]), ("urban_centre", [17, 16])])
def test_every_settlement_of_the_first_date_is_dropped_or_moves_somewhere_once(level, counts, found, systems, degree, people):
    links, before, after = systems[level]
    dates = found[level]
    assert [len(dates[year].zones) for year in YEARS] == counts
    values, _ = split(dates, people, np.zeros(degree[2000].population.shape, bool))
    lost = dates[2000].zones.index.difference(links["to_id"])
    assert len(lost) == values["urban_growth.settlements_dropped"]
    assert len(after.index.difference(links["from_id"])) == values["urban_growth.settlements_new"]
    moved = dates[2000].zones["people"].drop(lost).sum()
    assert before.sum() == pytest.approx(moved, rel=1e-12)
    # As many as there were, less those dropped and merged into a larger one, have a history.
    history = counts[0] - values["urban_growth.settlements_dropped"] - values["urban_growth.settlements_merged"]
    assert before.notna().sum() == history


@pytest.mark.parametrize("level", LEVELS)
def test_growers_shrinkers_and_growth_on_size(level, systems):
    _, before, after = systems[level]
    frame, values, ledger = growth_by_size(before, after, years=10)
    both = before.notna()
    rate = np.log(after[both] / before[both]) / 10
    assert values["system.growers"] == (rate > 0.001).sum()
    assert values["system.shrinkers"] == (rate < -0.001).sum()
    assert values["system.stable"] == (rate.abs() <= 0.001).sum()
    assert frame.sum().tolist() == CHANGE[level]
    assert frame.to_numpy().sum() == both.sum()
    assert ledger.amount("nobody at the first date: no growth rate") == (~both).sum()
    fitted = stats.linregress(np.log(before[both]), rate)
    assert values["system.growth_on_size"] == pytest.approx(fitted.slope, rel=1e-9)
    assert values["system.growth_on_size_error"] == pytest.approx(fitted.stderr, rel=1e-9)
    # Ten years of New England: nobody doubled, no city emptied.
    assert growth_rate(before, after, years=10).abs().max() < 0.07


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("year", YEARS)
def test_the_system_of_cities(level, year, found):
    people = found[level][year].zones["people"]
    values, _ = city_system(people, cutoff=CUTOFF[level])
    sizes = np.sort(people)[::-1]
    ranks = stats.rankdata(-sizes) - 0.5
    assert len(np.unique(sizes)) == sizes.size  # no ties: ranks are plain
    assert values["system.rank_size_slope"] == pytest.approx(-stats.linregress(np.log(sizes), np.log(ranks)).slope, rel=1e-9)
    assert values["system.primacy_four"] == pytest.approx(sizes[0] / (sizes[1] + sizes[2] + sizes[3]))
    assert values["system.people"] == pytest.approx(sizes.sum())
    table = size_classes(people, cutoff=CUTOFF[level])
    assert table["size_class.people"].sum() == pytest.approx(values["system.people"], rel=1e-12)
    assert table["size_class.settlements"].sum() == len(people)

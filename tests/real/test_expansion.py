"""New built-up land of a Swiss canton and an Armenian town, against patches counted one by one."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy import ndimage

from urbanreview.grid import cell_area_km2, geobox_of, resample
from urbanreview.indicators.expansion import EXPANSION_RULES, LIU_2010, expansion, from_classes, settled_by, too_coarse
from urbanreview.sources import open_raster
from urbanreview.zones import plan_zones

pytestmark = pytest.mark.real

ARTIFICIAL = range(1, 12)
CODE = {"infill": 2, "extension": 3, "leapfrog": 4}


@pytest.fixture(scope="module")
def vaud(data):
    """Built-up land of 2006 and 2012 [m2]: the two grids differ by some metres, so that 2006 is voted onto that of 2012."""
    first, last = (
        open_raster(data / "vaud" / f"clc{year}_100m.tif", kind="class", units="CORINE", source=f"corine {year}")[0]
        for year in (2006, 2012)
    )
    moved, _ = resample(first, to=geobox_of(last))
    return [from_classes(each, ARTIFICIAL) for each in (moved, last)]


@pytest.fixture(scope="module")
def goris(data):
    years, _ = open_raster(data / "goris" / "wsf_evolution_30m.tif", kind="class", units="year", source="wsf")
    return {year: settled_by(years, year) for year in (1990, 2000, 2015)}


def halves(geobox):
    """The whole raster, and what lies west and east of a slanted line through it."""
    rows, cols = geobox.shape
    ring = {
        "all": [(0, 0), (cols, 0), (cols, rows), (0, rows)],
        "west": [(0, 0), (0.6 * cols, 0), (0.4 * cols, rows), (0, rows)],
        "east": [(0.6 * cols, 0), (cols, 0), (cols, rows), (0.4 * cols, rows)],
    }
    shapes = {name: shapely.Polygon([geobox.transform @ corner for corner in corners]) for name, corners in ring.items()}
    return plan_zones(gpd.GeoSeries(shapes, crs=geobox.crs.to_wkt()), geobox)


def one_by_one(before, after, rule, cell_m):
    """Index and area of every new patch: its own window, its own buffer, by distances between cells."""
    old, known = before.values > 0, np.isfinite(before.values)
    new = (after.values > 0) & ~old & known
    area = np.broadcast_to(cell_area_km2(geobox_of(before)), new.shape)
    labels, count = ndimage.label(new, structure=ndimage.generate_binary_structure(2, 2 if rule.neighbours == 8 else 1))
    far = 15 if rule.buffer_m else 1
    padded = [np.pad(each, far) for each in (labels, old, known, area)]
    down, right = np.meshgrid(*[np.maximum(np.abs(np.arange(-far, far + 1)) - 0.5, 0)] * 2, indexing="ij")
    footprint = np.hypot(down * cell_m[0], right * cell_m[1]) <= rule.buffer_m if rule.buffer_m else np.ones((3, 3), bool)
    found = []
    for patch, window in enumerate(ndimage.find_objects(labels), start=1):
        # The window of a patch in the padded arrays, `far` cells wider on each side.
        here = tuple(slice(part.start, part.stop + 2 * far) for part in window)
        label, was, is_known, km2 = (each[here] for each in padded)
        ring = ndimage.binary_dilation(label == patch, footprint) & (label != patch) & is_known
        index = km2[ring & was].sum() / km2[ring].sum()
        infill = index >= 0.9 if rule.edition == "gosturban" else index > 0.5
        code = 4 if index <= (0.05 if rule.edition == "gosturban" else 0) else 2 if infill else 3
        found.append((code, index, km2[label == patch].sum()))
    assert len(found) == count
    return np.array(found).T


def agrees(before, after, rule, cell_m):
    plan = halves(geobox_of(before))
    frame, classes, ledger = expansion(plan, before, after, rule=rule)
    code, index, km2 = one_by_one(before, after, rule, cell_m)
    row = frame.loc["all"]
    assert row["expansion.patches"] == len(code)
    assert row["expansion.new_area"] == pytest.approx(km2.sum(), rel=1e-9)
    for kind, number in CODE.items():
        assert row[f"expansion.{kind}_share"] == pytest.approx(km2[code == number].sum() / km2.sum(), abs=1e-9)
        drawn = np.broadcast_to(cell_area_km2(plan.geobox), classes.shape)[classes.values == number].sum()
        assert drawn == pytest.approx(km2[code == number].sum(), rel=1e-9)
    assert row["expansion.mean_index"] == pytest.approx(index.mean(), rel=1e-9)
    assert row["expansion.weighted_index"] == pytest.approx((index * km2).sum() / km2.sum(), rel=1e-9)
    parts = frame["expansion.new_area"]
    assert parts["west"] + parts["east"] == pytest.approx(parts["all"], rel=1e-6)
    assert "new cells of patches under the minimum" not in set(ledger.frame()["cause"])
    return row


@pytest.mark.long
@pytest.mark.parametrize("edition", list(EXPANSION_RULES))
def test_vaud_2006_to_2012_is_that_of_patches_one_by_one(vaud, edition):
    assert too_coarse(geobox_of(vaud[1])) == ""
    row = agrees(*vaud, EXPANSION_RULES[edition], (99.99, 99.99))
    assert 1 < row["expansion.new_area"] < 20


@pytest.mark.parametrize("edition", list(EXPANSION_RULES))
@pytest.mark.parametrize("first", [1990, 2000])
def test_goris_until_2015_is_that_of_patches_one_by_one(goris, first, edition):
    """At 39.5 degrees north a cell is 23.2 m wide and 29.9 m high."""
    row = agrees(goris[first], goris[2015], EXPANSION_RULES[edition], (29.92, 23.17))
    assert row["valid_share"] == 1.0


def test_goris_grew_at_its_edge_by_the_cells_that_the_file_lists(goris):
    """2,790 cells were settled from 1991 to 2015: 6,078 in all, less those of 1985 to 1990 by the list of its values."""
    frame, classes, _ = expansion(halves(geobox_of(goris[1990])), goris[1990], goris[2015], rule=LIU_2010)
    assert (classes.values == 1).sum() == 2_865 + 1 + 23 + 132 + 67 + 200
    assert np.isin(classes.values, [2, 3, 4]).sum() == 6_078 - 3_288
    assert frame.loc["all", "expansion.extension_share"] > 0.5

"""Zones made of whole cells on a 30 arc-second grid: other tools lose some of their cells, we lose none (trap T12).

The grid has a real size and origin (Kazakhstan, 40.5 to 55.45 north); what lies on it is made up, so this needs no data.
"""

import numpy as np
import pytest
from toys import degrees, raster

from urbanreview.delineation import EDITIONS, extents
from urbanreview.grid import trace
from urbanreview.zones import plan_zones, summarise

HERE = degrees((1790, 4900), left=46.4916666666667, top=55.45)
SEED = 12


def patches(count=3_000):
    """Random shapes within 3 x 3 cells, apart from one another: an image of labels 1 …, and the cells of each."""
    random = np.random.default_rng(SEED)
    labels = np.zeros(HERE.shape, np.int32)
    slots = random.choice((HERE.shape[0] // 4) * (HERE.shape[1] // 4), count, replace=False)
    cells = np.zeros(count, int)
    for number, slot in enumerate(slots):
        row, col = np.array(divmod(slot, HERE.shape[1] // 4)) * 4
        shape = random.random((3, 3)) < 0.6
        shape[1, 1] = True
        labels[row : row + 3, col : col + 3][shape] = number + 1
        cells[number] = shape.sum()
    return labels, cells


def cities(count=400):
    """People in round heaps of many sizes."""
    random = np.random.default_rng(SEED)
    people = np.zeros(HERE.shape)
    rows, cols = random.integers(20, 1_770, count), random.integers(20, 4_880, count)
    for row, col, living in zip(rows, cols, random.pareto(1.0, count) * 3_000 + 4_000, strict=True):
        reach = int(min(18, 2 + np.sqrt(living / 2_000)))
        down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        heap = np.exp(-np.hypot(down, right) / max(reach / 4, 0.7)) * random.uniform(0.4, 1.6, down.shape)
        people[row - reach : row + reach + 1, col - reach : col + reach + 1] += living * heap / heap.sum()
    return people


@pytest.fixture(scope="module")
def shapes():
    labels, cells = patches()
    outlines = trace(raster(labels, HERE, kind="class"))
    assert len(outlines) == 3_000
    return outlines, cells


@pytest.fixture(scope="module")
def clusters():
    people = raster(cities(), HERE)
    found, _ = extents(people, rules=EDITIONS["notebook"].urban_cluster, iso3="TOY")
    assert len(found.zones) > 100
    return people, found


def peer_sums(values, zones):
    exactextract = pytest.importorskip("exactextract")
    from exactextract.raster import NumPyRasterSource

    left, bottom, right, top = HERE.boundingbox
    source = NumPyRasterSource(values, left, bottom, right, top, srs_wkt=zones.crs.to_wkt())
    frame = zones.geometry.rename("geometry").rename_axis("zone").reset_index()
    found = exactextract.exact_extract(source, frame, ["sum", "count"], include_cols="zone", output="pandas")
    return exactextract.__version__, found.set_index("zone").reindex(zones.index)


def test_we_lose_no_cell_of_small_shapes(shapes):
    outlines, cells = shapes
    plan = plan_zones(outlines, HERE)
    assert plan.cover.cell_share.size == 0
    np.testing.assert_array_equal(plan.covered_cells(), cells)
    np.testing.assert_allclose(plan.size_cells, cells, rtol=1e-8)


def test_we_lose_nobody_of_real_clusters(clusters):
    people, found = clusters
    plan = plan_zones(found.zones, HERE)
    np.testing.assert_array_equal(plan.covered_cells(), found.zones["cells"])
    np.testing.assert_allclose(summarise(plan, people)[0]["sum"], found.zones["people"], rtol=1e-12)


def test_exactextract_still_loses_cells_of_small_shapes(shapes):
    outlines, cells = shapes
    version, peer = peer_sums(np.ones(HERE.shape), outlines)
    lost = int((cells - peer["count"].to_numpy() > 0.5).sum())
    if not lost:
        pytest.skip(f"exactextract {version} loses none of them any more: the note on trap T12 can go")
    assert lost > 0


def test_exactextract_still_loses_people_of_clusters(clusters):
    people, found = clusters
    version, peer = peer_sums(people.values, found.zones)
    lost = found.zones["people"] - peer["sum"]
    if not (lost > 1).any():
        pytest.skip(f"exactextract {version} loses nobody any more: the note on trap T12 can go")
    assert (lost / found.zones["people"]).max() > 0.01

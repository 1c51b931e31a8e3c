"""Portugal on a grid in degrees and on a census grid in metres, and Burundi at 250 m: other grids than the method's own."""

import numpy as np
import pytest

from urbanreview.delineation import Layers, degree_of_urbanisation, sensitivity
from urbanreview.grid import covered_share, geobox_of
from urbanreview.kernels.zonal import sum_by_code
from urbanreview.sources import open_raster, open_vector

pytestmark = pytest.mark.real

CODES = [30, 23, 22, 21, 13, 12, 11]
GRIDS = {"worldpop": "worldpop_2020_unadj_1km.tif", "eurostat": "eurostat_popgrid_2021_1km.tif"}


@pytest.fixture(scope="module")
def portugal(data):
    folder = data / "portugal"
    outline, _ = open_vector(
        folder / "admin_osm.gpkg", layer="admin0", level="adm0", iso3="PRT", id_column="iso", name_column="name"
    )
    people = {name: open_raster(folder / file, kind="count", units="people")[0] for name, file in GRIDS.items()}
    return outline, people


def class_shares(found, outline) -> np.ndarray:
    inside = covered_share(outline.geometry, geobox_of(found.population))
    _, people = sum_by_code(found.classes.values, np.nan_to_num(found.population.values) * inside)
    return people[CODES] / people.sum()


def test_portugal_has_like_shares_on_both_grids(portugal):
    """Within three points in every class, although the populations are made in different ways."""
    outline, people = portugal
    shares = {name: class_shares(degree_of_urbanisation(raster, iso3="PRT")[0], outline) for name, raster in people.items()}
    for found in shares.values():
        assert found.sum() == pytest.approx(1.0)
    assert np.abs(shares["worldpop"] - shares["eurostat"]).max() < 0.03
    assert shares["worldpop"][0] == pytest.approx(0.33, abs=0.02)


def test_portuguese_cities_are_found_on_both(portugal):
    outline, people = portugal
    layers = {name: Layers(raster) for name, raster in people.items()}
    found, _ = sensitivity(layers, ["jrc-2023-v2"], within=outline.geometry, iso3="PRT")
    assert found.scenarios["centres"].tolist() == [10, 11]
    assert found.scenarios["urban_share"].tolist() == pytest.approx([0.70, 0.72], abs=0.01)
    assert found.pairs["jaccard_urban_centre"][0] > 0.7
    other = found.cities[found.cities["population"] == "eurostat"]
    assert other["match_id"].notna().sum() >= 9


def test_burundi_is_summed_to_one_kilometre_and_says_so(data, stored):
    path = data / "burundi" / "ghs_pop_2015_250m.tif"
    people, _ = open_raster(path, kind="count", units="people")
    found, ledger = degree_of_urbanisation(people, iso3="BDI")
    assert ledger.amount("cells per side summed to about 1 km") == 4
    assert found.classes.shape == found.population.shape == (268, 185)
    assert float(found.population.sum()) == pytest.approx(float(people.sum(dtype=np.float64)), rel=1e-12)
    assert len(found.centres.zones) > 0

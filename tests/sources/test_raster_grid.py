"""Where the cells of a raster are: CRS, orientation, the antimeridian, and the part that a country needs."""

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from shapely.geometry import box

from urbanreview.errors import CrossesAntimeridian, MissingCrs, NoOverlap, RotatedGrid, UnknownCrs
from urbanreview.grid import bounds_with_margin, geobox_of, same_crs, same_grid
from urbanreview.sources import open_raster

MOLLWEIDE = Affine(1000, 0, 5_000_000, 0, -1000, 5_600_000)
SOUTH_UP = Affine(0.5, 0, 66.0, 0, 0.5, 45.0)


def people(path, **how):
    return open_raster(path, kind="count", units="people", source="ghs", **how)


def test_what_comes_back_is_a_raster_of_this_project(write_tif, values):
    raster, ledger = people(write_tif(values))
    assert raster.dims == ("y", "x")
    assert raster.attrs == {"kind": "count", "units": "people", "source": "ghs"}
    assert np.array_equal(raster.values, values)
    assert tuple(geobox_of(raster).transform)[:6] == (0.5, 0, 66.0, 0, -0.5, 48.0)
    assert (float(raster.y[0]), float(raster.x[0])) == (47.75, 66.25)
    assert ledger.entries == ()


def test_without_a_name_it_is_called_by_its_file(write_tif, values):
    assert open_raster(write_tif(values, "kaz_ppp_2020.tif"), kind="count", units="people")[0].attrs["source"] == "kaz_ppp_2020"


def test_a_relative_path_starts_from_its_base(write_tif, values):
    path = write_tif(values, "data/a.tif")
    raster, _ = people("data/a.tif", base=path.parent.parent)
    assert np.array_equal(raster.values, values)


class TestCrs:
    def test_none_is_an_error_that_names_the_cure(self, write_tif, values):
        with pytest.raises(MissingCrs, match=r'names no coordinate reference system\. Add crs = "EPSG:4326"'):
            people(write_tif(values, crs=None))

    def test_one_comes_from_the_setting(self, write_tif, values):
        raster, ledger = people(write_tif(values, crs=None, transform=MOLLWEIDE), crs="ESRI:54009")
        assert same_crs(geobox_of(raster).crs, "ESRI:54009")
        assert float(raster.sum()) == values.sum()
        assert ledger.entries == ()

    def test_the_setting_wins_over_the_file_and_the_ledger_says_so(self, write_tif, values):
        raster, ledger = people(write_tif(values, crs="EPSG:32642", transform=MOLLWEIDE), crs="ESRI:54009")
        assert same_crs(geobox_of(raster).crs, "ESRI:54009")
        assert ledger.amount("the setting's CRS ESRI:54009 replaces the file's own") == 1

    def test_a_setting_that_says_what_the_file_says_is_nothing_to_tell(self, write_tif, values):
        assert people(write_tif(values), crs="EPSG:4326")[1].entries == ()

    def test_an_unknown_one_is_an_error(self, write_tif, values):
        with pytest.raises(UnknownCrs, match="'EPSG:54009': expected a code such as EPSG:4326 or ESRI:54009"):
            people(write_tif(values, crs=None), crs="EPSG:54009")


class TestOrientation:
    def test_a_south_up_file_is_turned(self, write_tif, values):
        north, _ = people(write_tif(values, "north.tif"))
        south, ledger = people(write_tif(values[::-1], "south.tif", transform=SOUTH_UP))
        assert same_grid(geobox_of(south), geobox_of(north))
        assert np.array_equal(south.values, north.values)
        assert ledger.amount("file is south up: turned") == 1

    @pytest.mark.parametrize("margin_km", [0.0, 60.0])
    def test_a_window_of_a_south_up_file_is_that_of_its_twin(self, write_tif, values, country, margin_km):
        north, _ = people(write_tif(values, "north.tif"), within=country, margin_km=margin_km)
        path = write_tif(values[::-1], "south.tif", transform=SOUTH_UP)
        south, _ = people(path, within=country, margin_km=margin_km)
        assert south.shape == ((2, 3) if margin_km == 0 else (5, 7))
        assert same_grid(geobox_of(south), geobox_of(north))
        assert np.array_equal(south.values, north.values)

    @pytest.mark.parametrize(
        "transform",
        [
            Affine.translation(66, 48) @ Affine.rotation(10) @ Affine.scale(0.5, -0.5),
            Affine.translation(66, 48) @ Affine.shear(10) @ Affine.scale(0.5, -0.5),
            Affine(-0.5, 0, 70.0, 0, -0.5, 48.0),
        ],
        ids=["rotated", "sheared", "west first"],
    )
    def test_rows_that_do_not_run_east_are_refused(self, write_tif, values, transform):
        with pytest.raises(RotatedGrid, match=r"cells\.tif' is rotated or sheared.*gdalwarp"):
            people(write_tif(values, transform=transform))


class TestAntimeridian:
    @pytest.mark.parametrize(("west", "cell"), [(170.0, 2.5), (-190.0, 2.5), (0.0, 45.0)], ids=["170..190", "-190..", "0..360"])
    def test_a_grid_over_it_is_refused(self, write_tif, values, west, cell):
        with pytest.raises(CrossesAntimeridian, match=r"crosses the antimeridian: it runs from .* expected -180 to 180"):
            people(write_tif(values, transform=Affine(cell, 0, west, 0, -0.5, 48.0)))

    def test_a_slight_overshoot_is_accepted(self, write_tif, values):
        """WorldPop's global mosaic begins at -180.0012."""
        raster, _ = people(write_tif(values, transform=Affine(1 / 120, 0, -180.0012, 0, -1 / 120, 72.0)))
        assert geobox_of(raster).boundingbox.left == pytest.approx(-180.0012, abs=1e-12)

    def test_metres_have_no_antimeridian(self, write_tif, values):
        raster, _ = people(write_tif(values, crs="EPSG:3832", transform=MOLLWEIDE))
        assert raster.shape == values.shape


class TestWindow:
    @pytest.mark.parametrize("margin_km", [0.0, 10.0, 60.0, 5000.0])
    @pytest.mark.parametrize(
        ("crs", "transform", "cell_km"), [("EPSG:4326", None, 56.0), ("ESRI:54009", MOLLWEIDE, 1.0)], ids=["degrees", "metres"]
    )
    def test_a_window_is_the_crop_of_the_full_read(self, write_tif, country, crs, transform, cell_km, margin_km):
        if transform is None:
            cells, within, where = np.arange(48.0).reshape(6, 8), country, {}
        else:
            cells = np.arange(60.0 * 80).reshape(60, 80)
            within = gpd.GeoSeries([box(5_030_000, 5_560_000, 5_040_500, 5_575_500)], crs=crs)
            where = {"transform": transform}
        path = write_tif(cells, crs=crs, **where)
        full, _ = people(path)
        part, _ = people(path, within=within, margin_km=margin_km)
        rows, cols = np.searchsorted(-full.y, -part.y), np.searchsorted(full.x, part.x)
        assert same_grid(geobox_of(part), geobox_of(full)[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1])
        assert np.array_equal(part.values, full.values[np.ix_(rows, cols)])
        # It holds the whole boundary with its margin, where the file does.
        wanted = gpd.GeoSeries([box(*bounds_with_margin(within, margin_km))], crs=4326)
        left, bottom, right, top = wanted.segmentize(0.1).to_crs(crs).total_bounds
        got, have = geobox_of(part).boundingbox, geobox_of(full).boundingbox
        near = 1e-5 * abs(full.x[1] - full.x[0])
        assert got.left <= max(left, have.left) + near
        assert got.right >= min(right, have.right) - near
        assert got.bottom <= max(bottom, have.bottom) + near
        assert got.top >= min(top, have.top) - near

    def test_without_a_margin_it_is_the_cells_of_the_country_and_no_more(self, write_tif, values, country):
        raster, _ = people(write_tif(values), within=country)
        assert np.array_equal(raster.values, values[1:3, 3:6])

    def test_a_boundary_may_have_any_crs(self, write_tif, values, country):
        path = write_tif(values)
        bare, _ = people(path, within=country)
        moved, _ = people(path, within=country.to_crs(3857))
        assert same_grid(geobox_of(bare), geobox_of(moved))

    @pytest.mark.parametrize(
        ("crs", "transform"),
        [("EPSG:4326", Affine(0.5, 0, 66, 0, -0.5, 48)), ("ESRI:54009", MOLLWEIDE)],
        ids=["degrees", "metres"],
    )
    @pytest.mark.parametrize("margin_km", [0.0, 30_000.0])
    def test_a_country_elsewhere_is_an_error_that_shows_both_places(
        self, write_tif, values, elsewhere, crs, transform, margin_km
    ):
        expected = r"'ghs' does not overlap the country: it covers \(6.*the country \(-60\.000, -20\.000, -59\.000, -19\.000\)"
        with pytest.raises(NoOverlap, match=expected):
            people(write_tif(values, crs=crs, transform=transform), within=elsewhere, margin_km=margin_km)

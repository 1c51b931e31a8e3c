"""Nodata is never a number: every product's code, as every number type can hold it, with the tag and without."""

import numpy as np
import pytest

from urbanreview.errors import AllMissing
from urbanreview.sources import open_raster

TAGGED = [
    ("int8", -128),
    ("uint8", 255),
    ("int16", -32768),
    ("int16", -200),
    ("uint16", 65535),
    ("int32", -2147483648),
    ("uint32", 4294967295),
    ("float32", -99999.0),
    ("float32", -3.4028234663852886e38),
    ("float32", -999.3),
    ("float32", float("nan")),
    ("float64", -200.0),
    ("float64", -1.7976931348623157e308),
    ("float64", float("nan")),
    ("float64", 0.0),
]
KNOWN_WITHOUT_TAG = [
    ("float64", "people", -200.0),  # GHS-POP
    ("float32", "people", -200.0),
    ("int16", "people", -200),
    ("float32", "people", -99999.0),  # WorldPop
    ("int32", "people", -99999),
    ("float64", "m2", -200.0),
    ("uint16", "m2", 65535),  # GHS-BUILT-S at 100 m
    ("uint32", "m2", 4294967295),  # GHS-BUILT-S at 1 km
    ("float32", "m", -9999.0),  # flood depth
    ("int16", "m", -9999),
    ("float32", "nW/cm2/sr", -1.5),  # VIIRS composites
    ("float32", "nW/cm2/sr", -999.3),
    ("float64", "nW/cm2/sr", -999.3),
    ("float32", "ug/m3", -999.0),  # SatPM2.5
    ("float32", "ug/m3", -999.9),
    ("float32", "mm/month", -9999.0),  # CHIRPS
    ("float32", "people", -3.4028234663852886e38),
    ("float64", "people", -1.7976931348623157e308),
]
KIND_OF = {"people": "count", "m2": "count"}


def half_missing(dtype: str, code: float) -> np.ndarray:
    """The case of the specification: 200 cells of nodata beside 200 cells of 10."""
    cells = np.full((20, 20), 10, dtype)
    cells[:10] = code
    return cells


def read(path, units: str, **how):
    return open_raster(path, kind=KIND_OF.get(units, "intensity"), units=units, source="cells", **how)


@pytest.mark.parametrize(("dtype", "code"), TAGGED)
def test_a_tagged_code_is_missing(write_tif, dtype, code):
    raster, ledger = read(write_tif(half_missing(dtype, code), nodata=code), "people")
    assert float(raster.sum()) == 2000.0
    assert np.isnan(raster.values[:10]).all()
    assert ledger.amount("nodata") == 200


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nan_is_missing_without_a_tag(write_tif, dtype):
    raster, ledger = read(write_tif(half_missing(dtype, np.nan)), "people")
    assert float(raster.sum()) == 2000.0
    assert ledger.amount("nodata") == 200


@pytest.mark.parametrize(("dtype", "units", "code"), KNOWN_WITHOUT_TAG)
def test_a_known_code_is_missing_without_a_tag(write_tif, dtype, units, code):
    raster, ledger = read(write_tif(half_missing(dtype, code)), units)
    assert float(raster.sum()) == 2000.0
    assert ledger.frame()[["cause", "amount"]].values.tolist() == [["known nodata code without a tag", 200.0]]


@pytest.mark.parametrize(("dtype", "units", "code"), [("float64", "people", -200.0), ("uint16", "m2", 65535)])
def test_a_known_code_is_missing_beside_a_tag_of_another(write_tif, dtype, units, code):
    cells = half_missing(dtype, code)
    cells[10] = 7
    raster, ledger = read(write_tif(cells, nodata=7), units)
    assert float(raster.sum()) == 1800.0
    assert (ledger.amount("nodata"), ledger.amount("known nodata code without a tag")) == (20, 200)


@pytest.mark.parametrize(
    ("dtype", "code"), [("uint8", 0), ("int16", -1), ("int32", -7777), ("float32", -1.7), ("float64", 1e20), ("float32", 0.1)]
)
def test_the_settings_add_a_code(write_tif, dtype, code):
    raster, ledger = read(write_tif(half_missing(dtype, code)), "degC", nodata=code)
    assert np.isnan(raster.values[:10]).all()
    assert np.isfinite(raster.values[10:]).all()
    assert ledger.amount("nodata") == 200


def test_the_settings_code_stands_beside_the_files_own(write_tif):
    cells = half_missing("int16", -32768)
    cells[10] = 0
    raster, ledger = read(write_tif(cells, nodata=-32768), "people", nodata=0)
    assert float(raster.sum()) == 1800.0
    assert ledger.amount("nodata") == 220


@pytest.mark.parametrize(
    ("dtype", "units", "value"),
    [
        ("uint8", "people", 255),
        ("uint8", "people", 0),
        ("float32", "people", 65535.0),
        ("float64", "m2", 4294967295.0),
        ("int32", "people", 65535),
        ("float32", "nW/cm2/sr", -0.4),
        ("float32", "nW/cm2/sr", 0.0),
        ("float32", "degC", -200.0),
        ("float32", "degC", -1.5),
        ("float32", "ug/m3", 999.0),
    ],
)
def test_what_is_no_code_stays_a_number(write_tif, dtype, units, value):
    raster, ledger = read(write_tif(half_missing(dtype, value)), units)
    assert np.array_equal(raster.values[:10], np.full((10, 20), value, raster.dtype))
    assert ledger.entries == ()


@pytest.mark.parametrize("units", ["people", "m2", "ug/m3"])
def test_less_than_nothing_is_missing_and_counted(write_tif, units):
    raster, ledger = read(write_tif(half_missing("float32", -0.25)), units)
    assert float(raster.sum()) == 2000.0
    assert ledger.amount("negative where only zero and more can be") == 200


def test_the_codes_of_numbers_are_no_codes_of_classes(write_tif):
    raster, ledger = open_raster(write_tif(half_missing("int16", -9999)), kind="class", units="land cover")
    assert float(raster.min()) == -9999.0
    assert ledger.entries == ()


def test_scale_and_offset_come_after_the_code(write_tif):
    cells = np.array([[100, -9999, 250]], "int16")
    raster, ledger = read(write_tif(cells, nodata=-9999, scale=0.1, offset=5.0), "mm/month")
    np.testing.assert_allclose(raster.values, [[15.0, np.nan, 30.0]])
    assert raster.dtype == np.float64
    assert ledger.amount("nodata") == 1


def test_a_known_code_is_what_is_stored_not_what_it_is_scaled_to(write_tif):
    cells = np.array([[100, -9999, -999]], "int16")
    raster, ledger = read(write_tif(cells, scale=10.0), "mm/month")
    np.testing.assert_allclose(raster.values, [[1000.0, np.nan, -9990.0]])
    assert ledger.amount("known nodata code without a tag") == 1


def test_less_than_nothing_is_judged_after_scale_and_offset(write_tif):
    """Packed numbers are negative without meaning it: -10 stands for 95 here, and -220 for -10."""
    cells = np.array([[-10, 20, -220]], "int16")
    raster, ledger = read(write_tif(cells, scale=0.5, offset=100.0), "people")
    np.testing.assert_allclose(raster.values, [[95.0, 110.0, np.nan]])
    assert ledger.amount("negative where only zero and more can be") == 1


@pytest.mark.parametrize(("dtype", "width"), [("float32", "float32"), ("float64", "float64"), ("uint16", "float64")])
def test_numbers_keep_their_precision(write_tif, dtype, width):
    assert read(write_tif(np.full((2, 3), 7, dtype)), "people")[0].dtype == width


@pytest.mark.parametrize(("dtype", "code"), [("uint32", 4294967295), ("float64", -200.0), ("float32", float("nan"))])
def test_a_raster_of_nothing_but_nodata_says_so(write_tif, dtype, code):
    with pytest.raises(AllMissing, match=r"'cells' has no value in the country: all of 6 cells.*Check its nodata value"):
        read(write_tif(np.full((2, 3), code, dtype), nodata=code), "people")


def test_nodata_everywhere_in_the_country_says_so_whatever_lies_beyond(write_tif, values, country):
    cells = values.copy()
    cells[1:3, 3:6] = -99999.0
    with pytest.raises(AllMissing, match="all of 6 cells"):
        read(write_tif(cells, nodata=-99999.0), "people", within=country)


@pytest.mark.parametrize("infinite", [np.inf, -np.inf])
def test_the_infinite_is_no_number_of_people(write_tif, infinite):
    raster, ledger = read(write_tif(half_missing("float32", infinite)), "people")
    assert float(raster.sum()) == 2000.0
    assert ledger.frame()["amount"].tolist() == [200.0]


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_codes_that_a_type_cannot_hold_are_passed_over_in_silence(write_tif):
    assert float(read(write_tif(np.full((2, 3), 7, "float32")), "people")[0].sum()) == 42.0

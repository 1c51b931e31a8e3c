"""Units that a file states: the right ones under any spelling pass, others are refused, unknown words are said."""

import numpy as np
import pytest
import rasterio

from urbanreview.errors import WrongUnits
from urbanreview.sources import RasterRows, open_raster
from urbanreview.sources.declared import KNOWN, canonical

SPELLED = {
    "people": (
        *("People", "persons", "people per pixel", "people per cell", "people/cell", "number of people per grid cell"),
        *("inhabitants", "Persons per grid-cell".replace("-", ""), "people_per_pixel", "population count"),
    ),
    "people/km2": (
        "people per km2",
        "persons/km²",
        "inhabitants per square kilometre",
        "people per sq. km",
        "people km-2",
        "pop/sqkm",
    ),
    "m2": ("m²", "m^2", "m**2", "m2 per cell", "square metres", "square meters per pixel", "sq m", "sqm", "M2"),
    "km2": ("km²", "sq. km", "square kilometers", "㎢"),
    "nW/cm2/sr": (
        *("nW cm-2 sr-1", "nW·cm⁻²·sr⁻¹", "nWatts·cm−2·sr−1", "nW.cm-2.sr-1", "nW/(cm2 sr)", "nW / (cm^2 * sr)", "nW/sr/cm2"),
        *("nanoWatts/cm2/sr", "nanoWatts/sr/cm^2", "nanowatts per square centimetre per steradian", "nW/cm-2/sr-1"),
    ),
    "W/cm2/sr": ("Watts/cm^2/sr", "W cm-2 sr-1"),
    "ug/m3": ("µg/m3", "μg m-3", "ug m**-3", "micrograms per cubic metre"),
    "min/m": ("minutes per metre", "minutes/meter", "min m-1"),
    "mm/month": ("mm month-1", "millimetres per month", "mm/months"),
    "degC": ("degrees Celsius", "degree_Celsius", "°C", "deg C", "celsius"),
    "kg/m2/s": ("kg m-2 s-1",),
    "share": ("fraction", "proportion"),
    "DN": ("digital number", "Digital Numbers", "dn"),
    "thousand people": ("thousands of persons",),
}
LIGHT_OF_OTHER_UNITS = ["W/cm2/sr", "uW/cm2/sr", "µW cm-2 sr-1", "Watts/m2/sr", "digital number", "%", "people"]


@pytest.mark.parametrize(("usual", "spelled"), [(usual, word) for usual, words in SPELLED.items() for word in words])
def test_a_unit_is_known_under_every_spelling(usual, spelled):
    assert canonical(spelled) == usual


def test_known_units_are_told_apart_and_stay_as_they_are():
    assert [canonical(units) for units in KNOWN] == list(KNOWN)
    assert len(set(KNOWN)) == len(KNOWN)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "1",
        "count",
        "/",
        "nW/cm2",
        "nW/cm2/sr, summed over months",
        "band 1 m, band 2 fraction",
        "relative cost",
        "mm",
        "m2/0",
    ],
)
def test_words_that_are_no_known_unit_stay_as_they_are(words):
    assert canonical(words) == words


def lights(path, **how):
    return open_raster(path, kind="intensity", units="nW/cm2/sr", source="lights 2020", **how)


class TestTagsOfTheFile:
    @pytest.mark.parametrize("said", ["nW/cm2/sr", *SPELLED["nW/cm2/sr"]])
    def test_the_expected_unit_passes_without_a_word(self, write_tif, values, said):
        raster, ledger = lights(write_tif(values, tags={"UNITS": said}))
        assert raster.attrs["units"] == "nW/cm2/sr"
        assert np.array_equal(raster.values, values)
        assert ledger.entries == ()

    @pytest.mark.parametrize("said", LIGHT_OF_OTHER_UNITS)
    def test_another_is_refused_with_both(self, write_tif, values, said):
        with pytest.raises(
            WrongUnits, match=r"cells\.tif says that its numbers are in '.*', expected nW/cm2/sr\. Bring"
        ) as caught:
            lights(write_tif(values, tags={"units": said}))
        assert f"'{said}'" in str(caught.value)

    @pytest.mark.parametrize(
        ("kind", "units", "said"),
        [
            ("count", "people", "people/km2"),
            ("count", "people", "thousand people"),
            ("count", "m2", "km2"),
            ("count", "m2", "ha"),
            ("count", "m2", "%"),
            ("count", "m2", "fraction"),
            ("cost", "min/m", "hours"),
            ("cost", "min/m", "km/h"),
            ("intensity", "ug/m3", "kg m-3"),
            ("intensity", "mm/month", "kg m-2 s-1"),
            ("intensity", "degC", "K"),
        ],
    )
    def test_every_quantity_has_others(self, write_tif, values, kind, units, said):
        with pytest.raises(WrongUnits, match=f"expected {units}"):
            open_raster(write_tif(values, tags={"units": said}), kind=kind, units=units)

    @pytest.mark.parametrize("said", ["1", "arbitrary", "nW/cm2", "nW/cm2/sr, summed over months"])
    def test_an_unknown_word_is_taken_at_that_of_the_call_and_said(self, write_tif, values, said):
        raster, ledger = lights(write_tif(values, tags={"units": said}))
        assert raster.attrs["units"] == "nW/cm2/sr"
        rows = ledger.frame()[["step", "cause", "unit", "amount"]].values.tolist()
        assert rows == [["lights 2020", f"file says units '{said}', taken as nW/cm2/sr", "file", 1.0]]

    def test_without_a_word_from_the_call_the_usual_spelling_is_taken(self, write_tif, values):
        cells = values.copy()
        cells[0, 0] = -200.0
        raster, ledger = open_raster(write_tif(cells, tags={"kind": "count", "UNITS": "persons per pixel"}))
        assert raster.attrs["units"] == "people"
        assert ledger.amount("known nodata code without a tag") == 1

    def test_labels_of_classes_are_no_units_and_pass(self, write_tif, values):
        raster, _ = open_raster(write_tif(values, tags={"units": "class"}), kind="class", units="land cover")
        assert raster.attrs["units"] == "land cover"


class TestBands:
    @pytest.fixture
    def months(self, write_tif, values):
        """Three bands of lights; `said` names the units of each."""

        def write(*said, where="unit type", tags=None):
            path = write_tif(np.stack([values] * 3), tags=tags)
            with rasterio.open(path, "r+") as file:
                for band, units in enumerate(said, start=1):
                    if where == "unit type":
                        file.set_band_unit(band, units)
                    else:
                        file.update_tags(band, units=units)
            return path

        return write

    @pytest.mark.parametrize("where", ["unit type", "tags"])
    def test_one_month_with_the_wrong_units_among_others_is_refused(self, months, where):
        path = months("nW/cm2/sr", "W/cm2/sr", "nW/cm2/sr", where=where)
        with pytest.raises(WrongUnits, match="'W/cm2/sr'"):
            lights(path, periods=["2020-01", "2020-02", "2020-03"])
        assert lights(path, band=1)[0].shape == lights(path, band=3)[0].shape
        with pytest.raises(WrongUnits):
            lights(path, band=2)

    def test_the_bands_own_word_wins_over_the_files(self, months):
        assert lights(months(*["nW/cm2/sr"] * 3, tags={"units": "band 1 m"}), band=1)[1].entries == ()
        with pytest.raises(WrongUnits):
            lights(months(*["W/cm2/sr"] * 3, tags={"units": "nW/cm2/sr"}), band=1)

    def test_an_unknown_word_of_all_bands_is_said_once(self, months):
        _, ledger = lights(months(*["arbitrary"] * 3), periods=["2020-01", "2020-02", "2020-03"])
        assert [entry.amount for entry in ledger.entries] == [1.0]


class TestNetcdf:
    def test_the_attribute_of_the_variable_is_compared(self, write_nc, values):
        with pytest.raises(WrongUnits, match=r"cells\.nc says that its numbers are in 'K', expected degC"):
            open_raster(write_nc(values, attrs={"units": "K"}), kind="intensity", units="degC")
        raster, _ = open_raster(write_nc(values, attrs={"units": "µg m-3"}), kind="intensity", units="ug/m3")
        assert raster.attrs["units"] == "ug/m3"

    def test_an_unknown_word_is_said(self, write_nc, values):
        _, ledger = open_raster(write_nc(values, attrs={"units": "mm"}), kind="intensity", units="mm/month")
        assert ledger.amount("file says units 'mm', taken as mm/month") == 1


class TestRows:
    def test_other_units_are_refused_before_a_row_is_read(self, write_tif, values):
        with pytest.raises(WrongUnits, match="'km2', expected m2"):
            RasterRows(write_tif(values, tags={"units": "km2"}), kind="count", units="m2")

    def test_an_unknown_word_is_in_the_ledger(self, write_tif, values):
        with RasterRows(write_tif(values, tags={"units": "roofs"}), kind="count", units="m2") as rows:
            rows.read(slice(0, 6))
            assert rows.ledger().amount("file says units 'roofs', taken as m2") == 1

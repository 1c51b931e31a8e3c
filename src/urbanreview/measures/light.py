"""Measures of lights at night."""

from urbanreview.measures.record import DARK, NOBODY, NOT_THEN, Measure

_VIIRS = "Elvidge et al. (2017), doi 10.1080/01431161.2017.1342050"
_HENDERSON = "Henderson, Storeygard and Weil (2012), doi 10.1257/aer.102.2.994"
_SEN = "Sen (1968), doi 10.1080/01621459.1968.10480934"
_RADIANCE, _LIGHT, _LIGHT_PER_YEAR = "nW/cm2/sr", "nW/cm2/sr*km2", "nW/cm2/sr*km2/year"
_YEAR = "Of the year's composite: the mean of its declared months, cell by cell"

MEASURES: tuple[Measure, ...] = (
    Measure(
        "lights.sum",
        "Sum of lights",
        _RADIANCE,
        ("lights",),
        "Radiance at or above the floor, added up over cells by their share in the zone. On a grid in degrees "
        "sums of different latitudes do not compare.",
        _VIIRS,
    ),
    Measure(
        "lights.sum_area",
        "Light by area",
        _LIGHT,
        ("lights",),
        "Radiance at or above the floor times the true area of the cell, added up over cells by their share in the zone: "
        "comparable across latitudes.",
        _VIIRS,
    ),
    Measure(
        "lights.sum_without_flares",
        "Sum of lights without flares",
        _RADIANCE,
        ("lights",),
        "Sum of lights with the cells around gas flares taken as dark.",
        _VIIRS,
    ),
    Measure(
        "lights.sum_area_without_flares",
        "Light by area without flares",
        _LIGHT,
        ("lights",),
        "Light by area with the cells around gas flares taken as dark.",
        _VIIRS,
    ),
    Measure(
        "lights.flare_share",
        "Share of light around flares",
        "1",
        ("lights",),
        "Light by area in cells around gas flares over all light by area.",
        _VIIRS,
        DARK,
    ),
    Measure("lights.min", "Dimmest lit cell", _RADIANCE, ("lights",), "Smallest radiance at or above the floor.", _VIIRS, DARK),
    Measure("lights.max", "Brightest cell", _RADIANCE, ("lights",), "Largest radiance at or above the floor.", _VIIRS, DARK),
    Measure(
        "lights.mean",
        "Mean radiance",
        _RADIANCE,
        ("lights",),
        "Area-weighted mean over the zone's observed cells, those below the floor counted as dark.",
        _VIIRS,
    ),
    Measure(
        "lights.mean_lit",
        "Mean radiance of lit cells",
        _RADIANCE,
        ("lights",),
        "Area-weighted mean over cells at or above the floor.",
        _VIIRS,
        DARK,
    ),
    Measure(
        "lights.lit_share",
        "Lit share of area",
        "1",
        ("lights",),
        "Area at or above the floor over observed area.",
        _VIIRS,
    ),
    Measure(
        "lights.months",
        "Months with an observation",
        "months",
        ("lights",),
        "Mean over the zone's area of the number of months that the year's composite has a value from.",
        "This project",
    ),
    Measure(
        "lights.per_person",
        "Light per person",
        "nW/cm2/sr*km2/person",
        ("lights", "population"),
        f"Light by area over people. {_YEAR}.",
        _HENDERSON,
        NOBODY,
    ),
    Measure(
        "lights.per_built_up",
        "Light per built-up area",
        _RADIANCE,
        ("lights", "built_up"),
        f"Light by area over built-up area. {_YEAR}.",
        _HENDERSON,
        "no built-up land",
    ),
    Measure(
        "lights.national_share",
        "Share of the country's light",
        "1",
        ("lights",),
        f"Light by area over that of the country. {_YEAR}.",
        _HENDERSON,
        DARK,
    ),
    Measure(
        "lights.growth",
        "Growth of light per year",
        "1/year",
        ("lights",),
        "(S2 / S1)^(1 / years) - 1 of light by area, of the first and the last year. Where the series changes its level in "
        "between, the variant names the break.",
        _HENDERSON,
        NOT_THEN,
    ),
    Measure(
        "lights.trend",
        "Trend of light",
        _LIGHT_PER_YEAR,
        ("lights",),
        "Theil-Sen slope of the yearly light by area: the median of the slopes of all pairs of years.",
        _SEN,
        "fewer than three years",
    ),
    Measure(
        "lights.trend_low",
        "Trend of light, lower bound",
        _LIGHT_PER_YEAR,
        ("lights",),
        "Lower end of the 95 % interval of the Theil-Sen slope.",
        _SEN,
        "fewer than three years",
    ),
    Measure(
        "lights.trend_high",
        "Trend of light, upper bound",
        _LIGHT_PER_YEAR,
        ("lights",),
        "Upper end of the 95 % interval of the Theil-Sen slope.",
        _SEN,
        "fewer than three years",
    ),
)

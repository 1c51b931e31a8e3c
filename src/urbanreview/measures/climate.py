"""Measures of rain and temperature."""

from urbanreview.measures.record import Measure

_NORMALS = "World Meteorological Organization (2017), WMO guidelines on the calculation of climate normals, WMO-No. 1203"
_WALSH = "Walsh and Lawler (1981), doi 10.1002/j.1477-8696.1981.tb05400.x"
_SEN = "Sen (1968), doi 10.1080/01621459.1968.10480934"
_HAMED = "Hamed and Rao (1998), doi 10.1016/S0022-1694(97)00125-X"
_FDR = "Benjamini and Hochberg (1995), doi 10.1111/j.2517-6161.1995.tb02031.x"
_SPI = "McKee, Doesken and Kleist (1993), 8th Conference on Applied Climatology; WMO (2012), SPI user guide, WMO-No. 1090"
_OWN = "This project"
_NEEDS = ("climate", "population")
_WEIGHT = "The variant tells whether cells weigh by the area or by the people that they share with the zone"
_NO_YEAR = "no year with all its months"
_FEW_YEARS = "fewer than ten years with all their months"
_NO_INDEX = "fewer than thirty years, a month missing, or mostly dry"
_DAILY = "no year with all its days"


def _trends(quantity: str, word: str, unit: str) -> tuple[Measure, ...]:
    """Return the records of a quantity's trend and its tests."""
    rows = (
        ("", "", unit, f"Theil-Sen slope of the yearly {word}, of ten whole years at least.", _SEN),
        ("_low", ", lower bound", unit, "Lower end of the 95 % interval of the Theil-Sen slope.", _SEN),
        ("_high", ", upper bound", unit, "Upper end of the 95 % interval of the Theil-Sen slope.", _SEN),
        (
            "_z",
            ", test score",
            "1",
            f"Mann-Kendall Z of the yearly {word}, its variance corrected for ties and autocorrelation.",
            _HAMED,
        ),
        ("_p", ", probability", "1", "Two-sided probability of the test score where there is no trend.", _HAMED),
        (
            "_p_adjusted",
            ", probability among all zones",
            "1",
            "Probability adjusted for the zones of the same level tested at once; a trend is called significant up to 0.05.",
            _FDR,
        ),
    )
    return tuple(
        Measure(f"climate.{quantity}_trend{end}", f"Trend of {word}{title}", units, _NEEDS, method, reference, _FEW_YEARS)
        for end, title, units, method, reference in rows
    )


MEASURES: tuple[Measure, ...] = (
    Measure(
        "climate.precipitation",
        "Yearly rain",
        "mm/year",
        _NEEDS,
        f"Sum of the months of a year; for a reference period the mean over its whole years. {_WEIGHT}.",
        _NORMALS,
        _NO_YEAR,
    ),
    Measure(
        "climate.precipitation_month",
        "Rain by month",
        "mm/month",
        _NEEDS,
        f"Mean of a calendar month over the years of the reference period that have it. {_WEIGHT}.",
        _NORMALS,
        "no such month in the reference period",
    ),
    Measure(
        "climate.precipitation_anomaly",
        "Departure from the usual rain",
        "1",
        _NEEDS,
        "Rain of the year over the mean of the reference period, minus 1.",
        _NORMALS,
        _NO_YEAR,
    ),
    Measure(
        "climate.precipitation_cv",
        "Variation of rain from year to year",
        "1",
        _NEEDS,
        "Standard deviation of the yearly rain of the reference period over its mean.",
        _OWN,
        _FEW_YEARS,
    ),
    Measure(
        "climate.seasonality",
        "Seasonality of rain",
        "1",
        _NEEDS,
        "Sum of the months' distances from a twelfth of the year's rain, over the year's rain: 0 even, 1.83 all in one month. "
        "The variant tells whether of the mean year (of=climatology) or the mean over the whole years (of=years).",
        _WALSH,
        "no rain, or a month is missing",
    ),
    Measure(
        "climate.wettest_month_share",
        "Share of the wettest month",
        "1",
        _NEEDS,
        "Rain of the wettest month of the mean year over the rain of that year.",
        _OWN,
        "no rain, or a month is missing",
    ),
    *_trends("precipitation", "rain", "mm/year/decade"),
    Measure(
        "climate.spi",
        "Standardised precipitation index",
        "1",
        _NEEDS,
        "Rain of the last 3, 6 or 12 months (variant scale) as the normal quantile of its probability, by gamma distributions "
        "of each calendar month in the reference period; capped at 3 either way. Of the last month of the series.",
        _SPI,
        _NO_INDEX,
    ),
    Measure(
        "climate.spi_months",
        "Dry months",
        "months",
        _NEEDS,
        "Months of the reference period whose index is at most -1, -1.5 or -2 (variant at_most).",
        _SPI,
        _NO_INDEX,
    ),
    Measure(
        "climate.spi_known",
        "Months with an index",
        "months",
        _NEEDS,
        "Months of the reference period that have an index: what the dry months are out of.",
        _SPI,
        _NO_INDEX,
    ),
    Measure(
        "climate.temperature",
        "Mean temperature",
        "degC",
        _NEEDS,
        f"Mean of the months of a year, each by its days; for a reference period the mean over its whole years. {_WEIGHT}.",
        _NORMALS,
        _NO_YEAR,
    ),
    Measure(
        "climate.temperature_month",
        "Temperature by month",
        "degC",
        _NEEDS,
        f"Mean of a calendar month over the years of the reference period that have it. {_WEIGHT}.",
        _NORMALS,
        "no such month in the reference period",
    ),
    Measure(
        "climate.temperature_anomaly",
        "Departure from the usual temperature",
        "degC",
        _NEEDS,
        "Temperature of the year minus the mean of the reference period.",
        _NORMALS,
        _NO_YEAR,
    ),
    Measure(
        "climate.temperature_sd",
        "Variation of temperature from year to year",
        "degC",
        _NEEDS,
        "Standard deviation of the yearly temperature of the reference period.",
        _OWN,
        _FEW_YEARS,
    ),
    *_trends("temperature", "temperature", "degC/decade"),
    Measure(
        "climate.hot_days",
        "Hot days",
        "days/year",
        _NEEDS,
        "Days of a year with a highest temperature above 30 or 35 degC (variant above), counted cell by cell; mean over the "
        "whole years of the reference period. From daily data only.",
        _OWN,
        _DAILY,
    ),
    Measure(
        "climate.frost_days",
        "Frost days",
        "days/year",
        _NEEDS,
        "Days of a year with a lowest temperature below 0 degC, counted cell by cell; mean over the whole years of the "
        "reference period. From daily data only.",
        _OWN,
        _DAILY,
    ),
    Measure(
        "climate.heating_degree_days",
        "Heating degree days",
        "degC*day/year",
        _NEEDS,
        "Sum over the days of a year of how far their mean temperature is below 18 degC (variant base), cell by cell; mean "
        "over the whole years of the reference period. From daily data only.",
        _OWN,
        _DAILY,
    ),
    Measure(
        "climate.source_cells",
        "Source cells of climate",
        "cells",
        _NEEDS,
        "Cells of the file, with a value, of which the zone has a part. With fewer than four a zone's value is that of its "
        "surroundings.",
        _OWN,
    ),
)

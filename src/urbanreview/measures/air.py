"""Measures of the air: fine dust, PM2.5."""

from urbanreview.measures.record import NOBODY, NOT_THEN, Measure

_SDG = "United Nations, SDG indicator 11.6.2, metadata: annual mean levels of fine particulate matter, population weighted"
_WHO = "World Health Organization (2021), WHO global air quality guidelines, ISBN 978-92-4-003422-8"
_DUST = "ug/m3"
_BAND = (
    "Levels of WHO 2021: guideline 5, interim targets 10, 15, 25 and 35; the variant names the band, its upper bound included"
)
_NO_SEASON = "nobody lives here, or a month is missing"

MEASURES: tuple[Measure, ...] = (
    Measure(
        "air.pm25",
        "Fine dust, by people",
        _DUST,
        ("air", "population"),
        "Sum of people times yearly concentration over the sum of people, both over the cells that have both numbers. A cell "
        "of people takes the concentration by the area of the source cells under it.",
        _SDG,
        NOBODY,
    ),
    Measure(
        "air.pm25_area",
        "Fine dust, by area",
        _DUST,
        ("air",),
        "Mean of the yearly concentration by the true area that each source cell shares with the zone.",
        "This project",
    ),
    Measure(
        "air.people",
        "People by level of fine dust",
        "people",
        ("air", "population"),
        f"People whose cell lies in the band. {_BAND}.",
        _WHO,
    ),
    Measure(
        "air.share",
        "Share of people by level of fine dust",
        "1",
        ("air", "population"),
        f"People whose cell lies in the band over those of all bands. {_BAND}.",
        _WHO,
        NOBODY,
    ),
    Measure(
        "air.people_above_guideline",
        "People above the guideline",
        "people",
        ("air", "population"),
        "People whose cell is above the WHO 2021 guideline of 5 ug/m3.",
        _WHO,
    ),
    Measure(
        "air.change",
        "Change of fine dust per year",
        "ug/m3/year",
        ("air", "population"),
        "(C2 - C1) / years of fine dust by people, each year with the people of its variant.",
        "This project",
        NOT_THEN,
    ),
    Measure(
        "air.heating_season",
        "Fine dust in the heating season, by people",
        _DUST,
        ("air", "population"),
        "As fine dust by people, of the mean over the days of the season's months; the period names the year in which it ends.",
        "This project",
        NOBODY,
    ),
    Measure(
        "air.heating_ratio",
        "Heating season over the year",
        "1",
        ("air", "population"),
        "Fine dust of the heating season over that of the year in which it ends, both by people.",
        "This project",
        _NO_SEASON,
    ),
    Measure(
        "air.source_cells",
        "Source cells of fine dust",
        "cells",
        ("air",),
        "Cells of the file, with a value, of which the zone has a part. With fewer than four a zone's value is that of its "
        "surroundings.",
        "This project",
    ),
)

"""Measures of official numbers beside ours."""

from urbanreview.measures.record import Measure

_OFFICE = "The office whose table it is"

MEASURES: tuple[Measure, ...] = (
    Measure(
        "official.people",
        "Official people",
        "people",
        ("official",),
        "As the official table has them; split, merged and renamed units by the shares of the correspondence table.",
        _OFFICE,
        undefined="no official row",
    ),
    Measure(
        "official.gap",
        "Our people less the official ones",
        "people",
        ("official", "population"),
        "People of the population grid, in the year nearest to the official one, less official people.",
        "This project",
        undefined="no official row",
    ),
    Measure(
        "official.gap_share",
        "Gap as a share of official people",
        "1",
        ("official", "population"),
        "Our people less the official ones, over the official ones.",
        "This project",
        undefined="no official row, or an official total of zero",
    ),
)

"""How what a review leaves may be shared, by the licences of its inputs."""

from collections.abc import Iterable, Iterator

from urbanreview.config import Credit, Settings
from urbanreview.config.sections import Section
from urbanreview.sources.licences import resulting_licence

DATA, PICTURES = "tables, rasters, review.gpkg and review.xlsx", "figures and report.html"
"""Outputs that are data, and those that are drawn of them: a share-alike licence of a database may leave the latter free."""

BINDING = ("share-alike", "not for commercial use")
"""Begin warnings of licences that bind what is made of the data."""


def output_licences(licences: Iterable[str]) -> dict[str, str]:
    """Return how data and pictures made of inputs may be shared.

    Examples
    --------
    >>> output_licences(["ODbL-1.0", "CC BY 4.0"])[PICTURES]
    'may be shared with credit to its sources'
    """
    given = list(licences)
    return {DATA: resulting_licence(given).licence, PICTURES: resulting_licence(given, picture=True).licence}


def sharing_warnings(settings: Settings) -> tuple[str, ...]:
    """Return what to mind of the licences of the settings' inputs before they are used."""
    return resulting_licence(section.licence for section in credits_of(settings)).warnings


def binding_warnings(settings: Settings) -> tuple[str, ...]:
    """Return the warnings of inputs that bind what is made of them: share-alike, and no commercial use."""
    return tuple(warning for warning in sharing_warnings(settings) if warning.startswith(BINDING))


def credits_of(section: Section) -> Iterator[Credit]:
    """Give every input of the settings."""
    if isinstance(section, Credit):
        yield section
    for key in type(section).model_fields:
        value = getattr(section, key)
        for part in value.values() if isinstance(value, dict) else [value]:
            if isinstance(part, Section):
                yield from credits_of(part)

"""Sections that name a dataset of the catalogue: they get its local files for the country, and what else it stands for."""

from collections.abc import Mapping
from typing import Any

from urbanreview.sources.catalogue import dataset_of
from urbanreview.sources.datasets import local_settings

OF_BOUNDARIES = frozenset({"level", "parent"})
"""What a division says of itself that a set of the user's own zones has no setting for."""
PATHS = {"naming": "alternate_names"}
"""Setting that a dataset's file stands for, in sections where it is not ``path``."""
MARGIN_KM = 50.0
"""Margin where [country] gives none."""


def with_datasets(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what datasets stand for, as if the user had written it; what the user wrote stays.

    Raises
    ------
    UnknownName
        If a dataset is not in the catalogue.

    Examples
    --------
    >>> filled = with_datasets({"country": {"iso3": "KAZ"}, "land": {"dataset": "ghs-land-r2022a", "licence": "asked"}})
    >>> filled["land"]["licence"], filled["land"]["path"].split("/")[-3:]
    ('asked', ['ghs-land-r2022a', 'KAZ-50km', 'land.tif'])
    """
    country = raw.get("country")
    country = country if isinstance(country, Mapping) else {}
    iso3, margin_km = str(country.get("iso3", "")), country.get("margin_km", MARGIN_KM)

    def filled(section: Any, path: str, leave: frozenset[str] = frozenset()) -> Any:
        if not isinstance(section, Mapping):
            return section
        inner = {name: filled(value, "path", leave) for name, value in section.items()}
        key = section.get("dataset")
        if not isinstance(key, str):
            return inner
        dataset = dataset_of(key)
        credit = {} if path == "alternate_names" else {"licence": dataset.licence, "citation": dataset.citation}
        if path in section:
            return {**credit, **inner}
        local = local_settings(key, iso3, margin_km, path=path)
        return {**credit, **{name: value for name, value in local.items() if name not in leave}, **inner}

    leave = {"zones": OF_BOUNDARIES}
    return {name: filled(section, PATHS.get(name, "path"), leave.get(name, frozenset())) for name, section in raw.items()}

"""A settings file that runs as it is: every theme from an open dataset that is fetched without an account."""

import json
from collections.abc import Mapping

from urbanreview.sources.catalogue import Dataset, catalogue, default_datasets

COD = "cod-ab-{}"
"""Key of a country's own division where the catalogue has one: it is newer than the open ones of the world."""
REFERENCE = (1991, 2020)
"""Thirty years that climate is told by: the newest normals of the WMO."""
POPULATION_EPOCHS = (2000, 2010, 2020)
BUILT_UP_EPOCHS = (1990, 2000, 2010, 2020)
LIGHT_YEARS, AIR_YEARS = (2018, 2019, 2020, 2021, 2022, 2023, 2024), (2000, 2010, 2020)
RETURN_PERIODS = (10, 20, 50, 100, 200, 500)


def boundaries_of(iso3: str) -> Dataset:
    """Return the newest open division of a country that the catalogue knows."""
    own = catalogue().get(COD.format(iso3.lower()))
    return own or catalogue()[default_datasets("boundaries")]


def starter(iso3: str) -> str:
    """Return a settings file with every theme that there is an open dataset for.

    Parameters
    ----------
    iso3 : str
        The country's code.

    Examples
    --------
    >>> print(starter("PRT").splitlines()[3])
    iso3 = "PRT"
    """
    climate = {"years": list(range(REFERENCE[0], REFERENCE[1] + 1)), "reference": list(REFERENCE)}
    sections: Mapping[str, tuple[str, Mapping[str, object]]] = {
        "population.ghs": ("population", {"years": list(POPULATION_EPOCHS), "primary": True}),
        "population.worldpop": ("population.worldpop", {"years": [POPULATION_EPOCHS[-1]]}),
        "land": ("land", {}),
        "built_up": ("built_up", {"years": list(BUILT_UP_EPOCHS)}),
        "lights": ("lights", {"years": list(LIGHT_YEARS)}),
        "exposure.flood": ("exposure.flood", {"return_periods": list(RETURN_PERIODS)}),
        "climate.precipitation": ("climate.precipitation", climate),
        "climate.temperature": ("climate.temperature", {"reference": list(REFERENCE)}),
        "air": ("air", {"years": list(AIR_YEARS)}),
        "access": ("access", {}),
    }
    lines = [
        f"# urbanreview settings for {iso3}; every input is fetched. Which, and how much: urbanreview plan {iso3.lower()}.toml",
        '# Put path = "…" in place of a dataset for a file of your own. Every setting there is: urbanreview init --all',
        *_section("country", {"iso3": iso3, "margin_km": 50}),
        *_section("boundaries", {"dataset": boundaries_of(iso3).key}, boundaries_of(iso3)),
    ]
    for heading, (default, settings) in sections.items():
        dataset = catalogue()[default_datasets(default)]
        lines += _section(heading, {"dataset": dataset.key, **settings}, dataset)
    return "\n".join([*lines, *_section("output", {"folder": f"{iso3.lower()}-review"})]) + "\n"


def _section(heading: str, settings: Mapping[str, object], dataset: Dataset | None = None) -> list[str]:
    """Return the lines of a section, with the dataset's title above."""
    told = [] if dataset is None else [f"# {dataset.title}; {dataset.licence}"]
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()]
    return ["", *told, f"[{heading}]", *lines] if heading != "country" else [f"[{heading}]", *lines]

"""A settings file to begin with, written from the models."""

import json

from urbanreview.config.sections import Section, model_of
from urbanreview.config.settings import Settings

EXAMPLES = {
    "population": "population.ghs",
    "exposure": "exposure.flood",
    "climate": "climate.precipitation",
    "zones": "zones.agglomeration",
    "crosswalk": "crosswalk.ucdb",
    "official": "official.census",
}
"""Names for sections that there may be several of."""


def sample(iso3: str) -> str:
    """Return a settings file with every section and key, to be filled in.

    Required keys of required sections stand with an example; all others are commented out with their default.

    Parameters
    ----------
    iso3 : str
        The country's code.

    Examples
    --------
    >>> print(sample("KAZ").splitlines()[4])
    iso3 = "KAZ"  # Three-letter code; opens every zone id.
    """
    lines = [f"# urbanreview settings for {iso3}. Check with: urbanreview check {iso3.lower()}.toml", ""]
    for name, field in Settings.model_fields.items():
        model = model_of(field.annotation)
        heading = EXAMPLES.get(name, name)
        lines += _sample_section(model, heading, iso3, needed=field.is_required())
    return "\n".join(lines) + "\n"


def _sample_section(model: type[Section], heading: str, iso3: str, *, needed: bool) -> list[str]:
    off = "" if needed else "# "
    what = (model.__doc__ or "").partition(": ")[2].splitlines()[0]
    lines = [f"# {what[:1].upper()}{what[1:]}", f"{off}[{heading}]"]
    nested = []
    for key, field in sorted(model.model_fields.items(), key=lambda item: not item[1].is_required()):
        inner = model_of(field.annotation)
        if inner is not None:
            nested += _sample_section(inner, f"{heading}.{key}", iso3, needed=False)
            continue
        value = field.examples[0] if field.examples else field.default
        if isinstance(value, str):
            section = heading.partition(".")[0]
            for word, filled in (("{section}", section), ("{iso3}", iso3.lower()), ("{ISO3}", iso3)):
                value = value.replace(word, filled)
        shown = "" if value is None else json.dumps(value, ensure_ascii=False)
        lines.append(f"{off if field.is_required() else '# '}{key} = {shown}  # {field.description}")
    return [*lines, "", *nested]

"""What a measure promises."""

from dataclasses import dataclass

PAGES = {
    "population": "population",
    "degree": "degree_of_urbanisation",
    "official": "official",
    "access": "travel_time",
    "lights": "lights",
    "built_up": "built_up",
    "land": "land",
    "expansion": "expansion",
    "form": "form",
    "exposure": "exposure",
    "climate": "climate",
    "air": "air",
    "system": "city_system",
    "size_class": "city_system",
    "urban_growth": "urban_growth",
}
"""Page of ``docs/methods`` that explains each theme."""

NOBODY = "nobody lives here"
DARK = "no cell reaches the floor"
UNOBSERVED = "no valid cell"
NO_WAY = "no way leads there"
NOT_THEN = "no data at one of the dates"
NOTHING_NEW = "no new built-up land"
TOO_FEW = "too few settlements above the cut-off"

MANUAL = "European Union et al. (2021), Applying the Degree of Urbanisation"


@dataclass(frozen=True, slots=True)
class Measure:
    """The promise of one number.

    Attributes
    ----------
    key : str
        ``theme.quantity[_statistic]``, the word in the long table.
    title : str
        Table heading.
    unit : str
        ``1`` for a share or ratio.
    needs : tuple of str
        The inputs, by their section in the settings.
    method : str
        How it is computed, in one or two sentences.
    reference : str
        Where the definition comes from.
    undefined : str
        Why the value can be missing although the zone has data.
    """

    key: str
    title: str
    unit: str
    needs: tuple[str, ...]
    method: str
    reference: str
    undefined: str = ""

    @property
    def theme(self) -> str:
        """The part of the key before the dot."""
        return self.key.partition(".")[0]

    @property
    def page(self) -> str:
        """The method page, from the root of the project."""
        return f"docs/methods/{PAGES[self.theme]}.md"

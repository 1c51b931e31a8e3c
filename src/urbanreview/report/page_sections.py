"""The sections of the page in their order, and which charts and figures stand in which."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from urbanreview.report.environment_sections import Part

SECTIONS: Mapping[str, str] = {
    "glance": "headings.glance",
    "map": "headings.map_short",
    "profile-app": "headings.profile",
    "centres": "headings.centres_short",
    "system": "headings.system",
    "growth": "headings.growth",
    "lights": "headings.lights",
    "hazards": "headings.hazards",
    "climate": "headings.climate",
    "air": "headings.air",
    "districts": "headings.districts",
    "degree": "headings.degree",
    "own-zones": "headings.own-zones",
    "travel": "headings.travel_short",
    "sensitivity": "headings.sensitivity_short",
    "populations": "headings.populations_short",
    "official": "headings.official",
    "city-list": "headings.city-list",
    "databases": "headings.databases",
    "boundaries": "headings.boundaries",
    "method": "headings.method",
    "inputs": "headings.inputs",
    "ledger": "headings.ledger_short",
    "settings": "headings.settings_short",
}
"""Anchors in the order of the page, and the strings by which the bar at the top calls them."""
CHARTS: Mapping[str, str] = {
    "largest": "centres", "urban_growth": "growth", "land": "growth", "expansion": "growth", "built_up": "growth",
    "lights": "lights", "exposure": "hazards", "climate": "climate", "air": "air", "travel": "travel", "reach": "travel",
    "sensitivity": "sensitivity", "official": "official",
}  # fmt: skip
"""Section of the charts whose names begin so; the others are of the system of cities."""
FIGURES: Mapping[str, tuple[str, ...]] = {
    "centres": ("largest_centres",),
    "system": ("rank_size", "city_growth"),
    "growth": ("urban_growth", "land_consumption"),
    "lights": ("lights_trend",),
}
"""Figures that stand in a section where there is no chart of the same."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page: its anchor, its title in the bar at the top, and its part, where one template serves several."""

    anchor: str
    title: str
    part: Part | None = None

    @property
    def template(self) -> str:
        """The file that writes it."""
        return f"sections/{self.anchor if self.part is None else 'part'}.html.j2"


def page_sections(there: Iterable[str], parts: Iterable[Part], t: Callable[[str], str]) -> list[Section]:
    """Return the sections that a page has, in order.

    Parameters
    ----------
    there : iterable of str
        Anchors of the sections that have something to say, beside those of the parts.
    parts : iterable of Part
        Sections of one shape.
    t : callable
        Gives a string of the catalogue.

    Examples
    --------
    >>> [section.template for section in page_sections(["map", "glance"], [Part("air", "Air", (), ())], lambda key: key)]
    ['sections/glance.html.j2', 'sections/map.html.j2', 'sections/part.html.j2']
    """
    found = {part.anchor: part for part in parts}
    shown = {*there, *found}
    return [Section(anchor, t(key), found.get(anchor)) for anchor, key in SECTIONS.items() if anchor in shown]


def section_of(chart: str) -> str:
    """Return the section that a chart stands in, by how its name begins.

    >>> section_of("rank_size"), section_of("exposure_flood")
    ('system', 'hazards')
    """
    return next((section for start, section in CHARTS.items() if chart.startswith(start)), "system")

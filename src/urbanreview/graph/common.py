"""What the steps of all themes share: the zones they ask, and sections as plain values."""

from typing import Any

from urbanreview.config import Section, Settings

UNITS = "units"
"""The boundaries with the user's own zones: what is asked, while cities are found on the boundaries alone."""
ZONES = "zones"
OWN_ZONES = "zones of the primary population"
"""Units, and the settlements of the primary population's newest year alone: what is asked of all that is not about people."""


def of_views(settings: Settings, step: str) -> tuple[str, ...]:
    """Name a step of every population and year."""
    return tuple(f"{step} {source} {year}" for source, year in settings.views())


def plain(section: Section | None, *leave: str) -> Any:
    """Return a section as plain values, without keys that do not touch a result."""
    return None if section is None else section.model_dump(mode="json", exclude=set(leave))

"""The settings of a review: one TOML file, strict and typed."""

from urbanreview.config.sample import sample
from urbanreview.config.sections import (
    Access,
    Boundaries,
    BuiltUp,
    Country,
    Credit,
    Lights,
    Output,
    Population,
    RasterInput,
    Section,
    Settlements,
)
from urbanreview.config.settings import Settings, load_settings, parse_settings
from urbanreview.config.starter import boundaries_of, starter

__all__ = [
    "Access",
    "Boundaries",
    "BuiltUp",
    "Country",
    "Credit",
    "Lights",
    "Output",
    "Population",
    "RasterInput",
    "Section",
    "Settings",
    "Settlements",
    "boundaries_of",
    "load_settings",
    "parse_settings",
    "sample",
    "starter",
]

"""Names for zones, offline: the most populous place inside, else the nearest, unique per level."""

from urbanreview.naming.gazetteer import GAZETTEER, capital_of, country_name, load_places, places_near
from urbanreview.naming.match import name_zones
from urbanreview.naming.scripts import alternate_in_script, script_of
from urbanreview.naming.unique import unique_names

__all__ = [
    "GAZETTEER",
    "alternate_in_script",
    "capital_of",
    "country_name",
    "load_places",
    "name_zones",
    "places_near",
    "script_of",
    "unique_names",
]

"""Names for zones: the most populous place inside, else the nearest, unique per level; in further languages, and by asking."""

from urbanreview.naming.city_list import city_groups, listed_columns, match_city_list, with_reasons
from urbanreview.naming.gazetteer import GAZETTEER, alternates_of, capital_of, country_name, load_places, places_near
from urbanreview.naming.languages import name_column, names_in
from urbanreview.naming.match import name_zones
from urbanreview.naming.nominatim import NoAnswerError, ReverseGeocoder, ServerLostError, reverse_geocoder, reverse_names
from urbanreview.naming.scripts import alternate_in_script, script_of
from urbanreview.naming.unique import unique_names

__all__ = [
    "GAZETTEER",
    "NoAnswerError",
    "ReverseGeocoder",
    "ServerLostError",
    "alternate_in_script",
    "alternates_of",
    "capital_of",
    "city_groups",
    "country_name",
    "listed_columns",
    "load_places",
    "match_city_list",
    "name_column",
    "name_zones",
    "names_in",
    "places_near",
    "reverse_geocoder",
    "reverse_names",
    "script_of",
    "unique_names",
    "with_reasons",
]

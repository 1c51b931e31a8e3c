"""The list of all measures, in report order."""

from urbanreview.measures import air, cities, climate, exposure, land, light, official, people, travel
from urbanreview.measures.record import Measure

MEASURES: tuple[Measure, ...] = (
    *people.MEASURES,
    *official.MEASURES,
    *travel.MEASURES,
    *light.MEASURES,
    *land.MEASURES,
    *cities.MEASURES,
    *exposure.MEASURES,
    *climate.MEASURES,
    *air.MEASURES,
)

BY_KEY: dict[str, Measure] = {measure.key: measure for measure in MEASURES}

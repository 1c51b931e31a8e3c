"""Travel of the largest cities, as the page tells it."""

import numpy as np

from urbanreview.report.highlights import LARGEST, largest_centres
from urbanreview.report.result import Review
from urbanreview.report.wording import number

Row = tuple[str, ...]


def travel_rows(review: Review) -> list[Row]:
    """Return one row per large centre: nearest other centre, minutes, km, minutes to the next larger, people in an hour."""
    minutes, km = review.matrices.get("minutes_city_city"), review.matrices.get("km_city_city")
    if minutes is None or km is None:
        return []
    names = review.zones["name"]
    rows: list[Row] = []
    for zone_id in largest_centres(review, LARGEST)["zone_id"]:
        others = minutes.loc[zone_id].drop(zone_id).dropna()
        near = others.idxmin() if len(others) else None
        rows.append(
            (
                str(names[zone_id]),
                str(names[near]) if near is not None else number(None),
                number(others.min() if len(others) else np.nan),
                number(float(km.loc[zone_id, near]) if near is not None else np.nan),
                number(_value(review, zone_id, "access.nearest_larger_minutes", "")),
                number(_value(review, zone_id, "access.people_within", "minutes=60"), "people"),
            )
        )
    return rows


def _value(review: Review, zone_id: str, measure: str, variant: str) -> float:
    values = review.values
    found = values[(values["zone_id"] == zone_id) & (values["measure"] == measure) & (values["variant"] == variant)]["value"]
    return float(found.iloc[0]) if len(found) else float("nan")

"""The country under several rule sets and on several populations, as the page tells it."""

import pandas as pd

from urbanreview.report.result import Review
from urbanreview.report.wording import number

MOST_PAIRS, MOST_CLIMBERS = 20, 10
Row = tuple[str, ...]


def scenario_rows(review: Review) -> list[Row]:
    """Return one row per scenario: population, edition, urban share, share in centres, centres, clusters, urban area."""
    table = review.comparison.get("scenarios", pd.DataFrame())
    return [
        (
            row["population"],
            row["edition"],
            number(row["urban_share"], "1", share=True),
            number(row["centre_share"], "1", share=True),
            f"{row['centres']:,}",
            f"{row['clusters']:,}",
            number(row["urban_km2"], "km2"),
        )
        for row in table.to_dict("records")
    ]


def pair_rows(review: Review) -> list[Row]:
    """Return one row per two scenarios: both names, agreement on urban cells and on centres."""
    table = review.comparison.get("scenario_pairs", pd.DataFrame())
    return [
        (row["first"], row["second"], number(row["jaccard_urban"]), number(row["jaccard_urban_centre"]))
        for row in table.head(MOST_PAIRS).to_dict("records")
    ]


def climber_rows(review: Review) -> list[Row]:
    """Return the cities whose rank moves most between the first scenario and another: name, scenario, both ranks, change."""
    cities = review.comparison.get("scenario_cities", pd.DataFrame())
    if cities.empty:
        return []
    moved = cities[cities["rank_change"].abs() > 0]
    moved = moved.reindex(moved["rank_change"].abs().sort_values(ascending=False, kind="stable").index).head(MOST_CLIMBERS)
    names = review.zones["name"]
    return [
        (
            str(names.get(row["zone_id"], row["zone_id"])),
            f"{row['population']}, {row['edition']}",
            f"{row['rank'] + row['rank_change']:,.0f}",
            f"{row['rank']:,.0f}",
            f"{row['rank_change']:+,.0f}",
        )
        for row in moved.to_dict("records")
    ]

"""What a finished review says in the terminal."""

from math import isnan
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from urbanreview.report import Review, largest_centres

MOST = 10
SHOWN = ("report.html", "review.xlsx", "review.gpkg")
COLUMNS = {
    "name": "City",
    "district": "District",
    "people": "People",
    "lights": "Lights [nW/cm2/sr]",
    "built_up_km2": "Built-up [km2]",
}


def say_result(review: Review, written: list[Path]) -> None:
    """Print the largest cities and the paths of the report to stdout."""
    rows = largest_centres(review, MOST)
    table = Table(title=f"{review.title}: largest urban centres, population {review.population}, rules {review.edition}")
    for column, heading in COLUMNS.items():
        table.add_column(escape(heading), justify="left" if column in ("name", "district") else "right")
    for row in rows[list(COLUMNS)].itertuples(index=False):
        table.add_row(*(escape(value) if isinstance(value, str) else _number(value) for value in row))
    # Without a terminal the table must not be folded to 80 columns.
    Console(width=None if Console().is_terminal else 120).print(table)
    if review.modelled:
        click.echo("Some inputs are modelled: not for analysis.")
    for path in written:
        if path.name in SHOWN:
            click.echo(path)


def _number(value: float) -> str:
    return "–" if isnan(value) else f"{value:,.0f}"

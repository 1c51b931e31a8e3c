"""What a finished review says in the terminal."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from urbanreview.report import Review, largest_centres

MOST = 10


def say_result(review: Review, written: list[Path]) -> None:
    """Print the largest cities and the paths of the report to stdout."""
    table = Table(title=f"{review.title}: largest urban centres, population {review.population}, rules {review.edition}")
    rows = largest_centres(review, most=MOST)
    for column in rows.columns:
        table.add_column(column, justify="left" if rows[column].dtype.kind == "O" else "right")
    for row in rows.itertuples(index=False):
        table.add_row(*(value if isinstance(value, str) else f"{value:,.1f}" for value in row))
    Console(width=None).print(table)
    if review.modelled:
        click.echo("Some inputs are modelled: not for analysis.")
    for path in written:
        if path.suffix in (".html", ".xlsx", ".gpkg"):
            click.echo(path)

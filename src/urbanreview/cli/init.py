"""urbanreview init."""

from pathlib import Path

import click

from urbanreview.cli.options import iso3


@click.command(short_help="Write a settings file.")
@click.argument("country", callback=iso3)
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Where the file goes.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def init(country: str, folder: Path, *, force: bool) -> None:
    """Write <country>.toml with every section of a review, to be filled with your inputs.

    Example: urbanreview init KAZ
    """
    from urbanreview.config import sample
    from urbanreview.errors import OutputRefused
    from urbanreview.store import place_text

    path = folder / f"{country.lower()}.toml"
    if path.exists() and not force:
        raise OutputRefused(path, reason="it is there already; --force replaces it")
    click.echo(place_text(path, sample(country)))

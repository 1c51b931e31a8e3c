"""urbanreview init."""

from pathlib import Path

import click

from urbanreview.cli.options import iso3


@click.command(short_help="Write a settings file.")
@click.argument("country", callback=iso3)
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Where the file goes.")
@click.option("--all", "everything", is_flag=True, help="Write every setting there is, to be filled with your own inputs.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def init(country: str, folder: Path, *, everything: bool, force: bool) -> None:
    """Write <country>.toml: a review of open datasets that are fetched when it is run.

    Example: urbanreview init KAZ
    """
    from urbanreview.config import sample, starter
    from urbanreview.errors import OutputRefused
    from urbanreview.store import place_text

    path = folder / f"{country.lower()}.toml"
    if path.exists() and not force:
        raise OutputRefused(path, reason="it is there already; --force replaces it")
    click.echo(place_text(path, sample(country) if everything else starter(country)))

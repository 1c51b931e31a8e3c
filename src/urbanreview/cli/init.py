"""urbanreview init."""

from pathlib import Path

import click


def iso3(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Return the code in capitals, or refuse it."""
    code = value.upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        message = f"'{value}' is no country code: use the three letters, for example KAZ"
        raise click.BadParameter(message)
    return code


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

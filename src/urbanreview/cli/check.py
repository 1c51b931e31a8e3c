"""urbanreview check."""

from pathlib import Path

import click

from urbanreview.cli.options import settings_argument


@click.command(short_help="Check settings and inputs.")
@settings_argument
def check(settings: Path) -> None:
    """Check SETTINGS: print those in force, and whether every input is there.

    Example: urbanreview check kaz.toml
    """
    from urbanreview.config import load_settings
    from urbanreview.pipeline import find_inputs

    loaded = load_settings(settings)
    click.echo(loaded.model_dump_json(indent=2, exclude_none=True))
    for path in find_inputs(loaded):
        click.echo(f"found  {path}", err=True)

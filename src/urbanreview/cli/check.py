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
    from urbanreview.delineation import rules_of
    from urbanreview.steps.inputs import find_inputs

    loaded = load_settings(settings)
    rules_of(loaded.delineation.rules)
    click.echo(loaded.model_dump_json(indent=2, exclude_none=True))
    for name, path in find_inputs(loaded):
        click.echo(f"found  {name}: {path}", err=True)

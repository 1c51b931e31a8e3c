"""urbanreview check."""

import sys
from pathlib import Path

import click

from urbanreview.cli.options import settings_argument

NOT_THERE = 1


@click.command(short_help="Check settings and inputs, or servers.")
@settings_argument
@click.option("--live", is_flag=True, help="Instead, send one small request to every host that datasets are fetched from.")
def check(settings: Path, *, live: bool) -> None:
    """Check SETTINGS: print those in force, and whether every input is there.

    With --live: whether the servers of its datasets answer; it fails if one does not.

    Example: urbanreview check kaz.toml
    """
    from urbanreview.config import load_settings
    from urbanreview.pipeline import find_inputs

    loaded = load_settings(settings)
    if live:
        from urbanreview.cli.summary import say_probed
        from urbanreview.sources.web import probe
        from urbanreview.steps.live import addresses_of

        probed = probe(addresses_of(loaded))
        if not probed:
            click.echo("No input is of a dataset that is fetched: no server is asked.", err=True)
            return
        say_probed(probed)
        sys.exit(0 if all(each.ok for each in probed) else NOT_THERE)
    click.echo(loaded.model_dump_json(indent=2, exclude_none=True))
    for path in find_inputs(loaded):
        click.echo(f"found  {path}", err=True)

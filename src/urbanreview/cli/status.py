"""urbanreview status."""

from pathlib import Path

import click

from urbanreview.cli.options import json_option, output_option, settings_argument


@click.command(short_help="Show what is there of a review.")
@settings_argument
@output_option
@json_option
def status(settings: Path, output: Path | None, *, as_json: bool) -> None:
    """Show the steps of the review that SETTINGS describes: done or not, time, memory, size.

    Example: urbanreview status kaz.toml
    """
    from urbanreview import pipeline
    from urbanreview.cli.summary import say_status
    from urbanreview.config import load_settings

    changes = {"output": {"folder": str(output.resolve())}} if output else None
    say_status(pipeline.plan(load_settings(settings, changes=changes), asking=False), as_json=as_json)

"""urbanreview plan."""

from pathlib import Path

import click

from urbanreview.cli.options import force_option, from_option, json_option, output_option, settings_argument


@click.command(short_help="Show what a run would do.")
@settings_argument
@output_option
@from_option
@force_option
@json_option
def plan(settings: Path, output: Path | None, first: str | None, *, force: bool, as_json: bool) -> None:
    """Show which steps SETTINGS would run and why, which inputs are missing, and the room on the disk.

    Example: urbanreview plan kaz.toml
    """
    from urbanreview import pipeline
    from urbanreview.cli.summary import say_plan
    from urbanreview.config import load_settings

    changes = {"output": {"folder": str(output.resolve())}} if output else None
    say_plan(pipeline.plan(load_settings(settings, changes=changes), again_from=first, force=force), as_json=as_json)

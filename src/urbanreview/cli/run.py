"""urbanreview run."""

from pathlib import Path

import click

from urbanreview.cli.options import force_option, from_option, json_option, output_option, settings_argument, talk_options
from urbanreview.cli.progress import shown


@click.command(short_help="Make a review, or go on with one.")
@settings_argument
@output_option
@from_option
@force_option
@json_option
@talk_options
def run(
    settings: Path, output: Path | None, first: str | None, *, force: bool, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """Make the review that SETTINGS describes.

    Stop it and run it again: finished steps are kept, and only what changed is done anew.

    Example: urbanreview run kaz.toml
    """
    from urbanreview import pipeline
    from urbanreview.cli.summary import say_finished
    from urbanreview.config import load_settings

    changes = {"output": {"folder": str(output.resolve())}} if output else None
    loaded = load_settings(settings, changes=changes)
    with shown(quiet=quiet, verbose=verbose) as progress:
        finished = pipeline.run(loaded, again_from=first, force=force, progress=progress)
    say_finished(finished, as_json=as_json)

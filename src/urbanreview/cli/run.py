"""urbanreview run."""

from pathlib import Path

import click

from urbanreview.cli.options import output_option, quiet_option, settings_argument
from urbanreview.cli.progress import shown
from urbanreview.cli.summary import say_result


@click.command(short_help="Make a review.")
@settings_argument
@output_option
@quiet_option
def run(settings: Path, output: Path | None, *, quiet: bool) -> None:
    """Make the review that SETTINGS describes.

    Example: urbanreview run kaz.toml
    """
    from urbanreview import pipeline
    from urbanreview.config import load_settings

    changes = {"output": {"folder": str(output.resolve())}} if output else None
    loaded = load_settings(settings, changes=changes)
    with shown(quiet=quiet) as progress:
        review, written = pipeline.run(loaded, progress=progress)
    say_result(review, written)

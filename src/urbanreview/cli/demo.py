"""urbanreview demo."""

from pathlib import Path

import click

from urbanreview.cli.options import json_option, output_option, talk_options
from urbanreview.cli.progress import shown


@click.command(short_help="Make the embedded review of Kazakhstan.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("kaz-demo"),
    show_default=True,
    help="Folder for the demo's inputs and settings.",
)
@output_option
@json_option
@talk_options
def demo(folder: Path, output: Path | None, *, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Make the review of Kazakhstan from real boundaries and cities and modelled rasters.

    Needs no download and no account. The rasters are made up: not for analysis.

    Example: urbanreview demo
    """
    from urbanreview import pipeline
    from urbanreview.cli.summary import say_finished
    from urbanreview.config import load_settings
    from urbanreview.demo import write_demo
    from urbanreview.store import require_writable

    require_writable(folder)
    changes = {"output": {"folder": str(output.resolve())}} if output else None
    with shown(quiet=quiet, verbose=verbose) as progress:
        settings = write_demo(folder, progress=progress)
        finished = pipeline.run(load_settings(settings, changes=changes), progress=progress)
    say_finished(finished, as_json=as_json)

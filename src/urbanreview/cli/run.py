"""urbanreview run."""

from pathlib import Path

import click

from urbanreview.cli.options import (
    force_option,
    from_option,
    json_option,
    offline_option,
    output_option,
    talk_options,
)
from urbanreview.cli.progress import fetched, shown


@click.command(short_help="Make a review, or go on with one.")
@click.argument("settings", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--bundle",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Instead of SETTINGS: unpack what 'urbanreview bundle' packed beside it, and ask no server.",
)
@output_option
@from_option
@force_option
@offline_option
@json_option
@talk_options
def run(
    settings: Path | None,
    bundle: Path | None,
    output: Path | None,
    first: str | None,
    *,
    force: bool,
    offline: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Fetch what SETTINGS ask for, and make the review that they describe.

    Stop it and run it again: finished steps are kept, and only what changed is done anew.

    Example: urbanreview run kaz.toml
    """
    from urbanreview import pipeline
    from urbanreview.cli.summary import say_finished, say_sharing
    from urbanreview.config import load_settings
    from urbanreview.steps.bundle import unpack, unpacked_folder
    from urbanreview.steps.sharing import binding_warnings

    brought = None
    if bundle is not None and settings is None:
        with fetched(quiet=quiet) as unpacking:
            unpacked = unpack(bundle, unpacked_folder(bundle), progress=unpacking)
        settings, brought = unpacked.settings, unpacked.brought
    elif bundle is not None or settings is None:
        raise click.UsageError("give either SETTINGS or --bundle FILE")
    changes = {"output": {"folder": str(output.resolve())}} if output else None
    loaded = load_settings(settings, changes=changes)
    if not quiet:
        say_sharing(binding_warnings(loaded))
    if brought is None:
        with fetched(quiet=quiet) as fetching:
            brought = pipeline.fetch(loaded, offline=offline, progress=fetching)
    with shown(quiet=quiet, verbose=verbose) as progress:
        finished = pipeline.run(loaded, again_from=first, force=force, brought=brought, progress=progress)
    say_finished(finished, as_json=as_json)

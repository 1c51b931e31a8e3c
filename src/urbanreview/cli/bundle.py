"""urbanreview bundle."""

from pathlib import Path

import click

from urbanreview.cli.options import offline_option, replace_option, settings_argument
from urbanreview.cli.progress import fetched

BYTES_PER_MB = 1e6


@click.command(short_help="Pack all inputs for a machine without internet.")
@settings_argument
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The bundle; <settings>-bundle.zip beside SETTINGS without.",
)
@offline_option
@replace_option
@click.option("--quiet", is_flag=True, help="Say nothing while working.")
def bundle(settings: Path, output: Path | None, *, offline: bool, force: bool, quiet: bool) -> None:
    """Fetch what SETTINGS lack, and pack them with every input into one file.

    On a machine without internet: urbanreview run --bundle kaz-bundle.zip

    Example: urbanreview bundle kaz.toml
    """
    from urbanreview import pipeline
    from urbanreview.config import load_settings
    from urbanreview.steps.bundle import pack, require_files
    from urbanreview.store import require_free

    target = output or settings.with_name(f"{settings.stem}-bundle.zip")
    require_files(settings)
    require_free(target, settings, force=force)
    loaded = load_settings(settings)
    with fetched(quiet=quiet) as progress:
        brought = pipeline.fetch(loaded, offline=offline, progress=progress)
        left, skipped = pipeline.with_inputs(loaded, brought)
        packed = pack(settings, target, files=pipeline.find_inputs(left), brought=brought, progress=progress)
    for each in skipped:
        click.echo(str(each), err=True)
    click.echo(f"{len(packed)} files, {sum(file.size_bytes for file in packed) / BYTES_PER_MB:,.1f} MB", err=True)
    click.echo(target)

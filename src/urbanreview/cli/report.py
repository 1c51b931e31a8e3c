"""urbanreview report."""

from pathlib import Path

import click


@click.command(short_help="Draw the page of a review anew.")
@click.argument("folder", metavar="REVIEW_FOLDER", type=click.Path(path_type=Path, file_okay=False))
@click.option("--language", default="", help="Language of the page: en, fr, ru or kk; that of the settings without it.")
@click.option("--open", "opened", is_flag=True, help="Open the page when it is there.")
def report(folder: Path, *, language: str, opened: bool) -> None:
    """Draw report.html in REVIEW_FOLDER anew from what its run stored; nothing is computed.

    Example: urbanreview report kaz-review --language ru
    """
    from urbanreview import pipeline

    page = pipeline.rebuild(folder, language=language)
    click.echo(page)
    if opened:
        click.launch(str(page))

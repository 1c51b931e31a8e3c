"""urbanreview datasets."""

import click

from urbanreview.cli.options import json_option


@click.command(short_help="List the open datasets that can be fetched.")
@click.option("--theme", metavar="THEME", help="Only those of this theme, such as population.")
@json_option
def datasets(theme: str | None, *, as_json: bool) -> None:
    """List the open datasets that settings can name: key, title, years, licence, and how far each has been tried.

    Example: urbanreview datasets --theme population
    """
    import json
    from dataclasses import asdict

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Column, Table

    from urbanreview.errors import UnknownName
    from urbanreview.sources.catalogue import THEMES, catalogue

    if theme is not None and theme not in THEMES:
        raise click.BadParameter(str(UnknownName("theme", theme, known=THEMES)), param_hint="--theme")
    shown = [dataset for dataset in catalogue().values() if theme in (None, dataset.theme)]
    if as_json:
        click.echo(json.dumps([asdict(dataset) for dataset in shown], ensure_ascii=False, indent=2))
        return
    table = Table(Column("Key", no_wrap=True), "Title", "Years", "Licence", "State")
    for dataset in shown:
        table.add_row(
            *(escape(text) for text in (dataset.key, dataset.title, dataset.years_text(), dataset.licence, dataset.state()))
        )
    # Without a terminal a table must not be folded to 80 columns.
    Console(width=None if Console().is_terminal else 220).print(table)

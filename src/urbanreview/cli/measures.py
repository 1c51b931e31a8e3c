"""urbanreview measures."""

import click

from urbanreview.cli.options import json_option


@click.command(short_help="List every measure of a review.")
@click.option("--theme", metavar="THEME", help="Only those of this theme: the part of a key before the dot.")
@json_option
def measures(theme: str | None, *, as_json: bool) -> None:
    """List every measure that a review can hold: key, title, unit, page of its method, reference.

    Example: urbanreview measures --theme lights
    """
    import json
    from dataclasses import asdict

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Column, Table

    from urbanreview.errors import UnknownName
    from urbanreview.measures import MEASURES

    themes = list(dict.fromkeys(measure.theme for measure in MEASURES))
    if theme is not None and theme not in themes:
        raise click.BadParameter(str(UnknownName("theme", theme, known=themes)), param_hint="--theme")
    shown = [measure for measure in MEASURES if theme in (None, measure.theme)]
    if as_json:
        records = [asdict(measure) | {"theme": measure.theme, "page": measure.page} for measure in shown]
        click.echo(json.dumps(records, ensure_ascii=False, indent=2))
        return
    table = Table(Column("Key", no_wrap=True), "Title", "Unit", Column("Method page", no_wrap=True), "Reference")
    for measure in shown:
        table.add_row(*(escape(text) for text in (measure.key, measure.title, measure.unit, measure.page, measure.reference)))
    # Without a terminal a table must not be folded to 80 columns.
    Console(width=None if Console().is_terminal else 180).print(table)

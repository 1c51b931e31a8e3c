"""What commands print: results to stdout, as a table or as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from math import isnan

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from urbanreview.pipeline import Finished, Plan
from urbanreview.report import largest_centres
from urbanreview.report.wording import amount
from urbanreview.sources.web import Probed
from urbanreview.steps.access_files import Travelled
from urbanreview.steps.classify import Classified
from urbanreview.steps.fetching import PlannedFile

MOST = 10
MOST_ROWS = 40
SHOWN = ("report.html", "review.xlsx", "review.gpkg")
COLUMNS = {
    "name": "City",
    "district": "District",
    "region": "In",
    "people": "People",
    "lights": "Light by area [nW/cm2/sr*km2]",
    "built_up_km2": "Built-up [km2]",
}
TEXTS = ("name", "district", "region")
BYTES_PER_MB = 1e6
SECONDS_PER_MINUTE = 60
ASSUMED_MB_PER_S = 5.0
"""Speed that the time to fetch is told by [MB/s]."""


def say_finished(finished: Finished, *, as_json: bool) -> None:
    """Print the largest cities, what was done, and the paths of the report."""
    review = finished.review
    rows = largest_centres(review, MOST)
    if as_json:
        cities = json.loads(rows[list(COLUMNS)].to_json(orient="records", force_ascii=False))
        files = [str(path) for path in finished.written]
        skipped = [asdict(each) for each in finished.skipped]
        said = {"folder": str(finished.folder), "ran": list(finished.ran), "skipped": skipped, "files": files}
        _say_json(said | {"largest": cities})
        return
    table = Table(title=f"{review.title}: largest urban centres, population {review.population}, rules {review.edition}")
    for column, heading in COLUMNS.items():
        table.add_column(escape(heading), justify="left" if column in TEXTS else "right")
    for row in rows[list(COLUMNS)].itertuples(index=False):
        table.add_row(*(_cell(value) for value in row))
    _print(table)
    if review.modelled:
        click.echo("Some inputs are modelled: not for analysis.")
    for each in finished.skipped:
        click.echo(str(each))
    click.echo(f"{len(finished.ran)} of {len(finished.records)} steps were run, the others were there.")
    for path in finished.written:
        if path.name in SHOWN:
            click.echo(path)


def say_classified(done: Classified, *, as_json: bool) -> None:
    """Print cells and people of every class, how many centres and clusters there are, what was noted, and the files."""
    table, found = done.areas(), done.found.found
    counts = {
        "urban_centres": int((~found.centres.swallowed).sum()),
        "urban_clusters": int(found.clusters.value.max(initial=-1) + 1),
    }
    files = [str(path) for path in done.written]
    noted = done.ledger.frame().drop(columns="zone_id").to_dict(orient="records")
    if as_json:
        classes = table.to_dict(orient="records")
        _say_json({"rules": done.found.rules.edition, "classes": classes, **counts, "ledger": noted, "files": files})
        return
    shown = Table("Class", "", "Cells", "People", title=f"Degree of urbanisation, rules {done.found.rules.edition}")
    for row in table.to_dict("records"):
        shown.add_row(str(row["code"]), str(row["name"]), f"{row['cells']:,}", f"{row['people']:,.0f}")
    _print(shown)
    click.echo(f"{counts['urban_centres']} urban centres, {counts['urban_clusters']} urban clusters.")
    for entry in noted:
        click.echo(f"{entry['step']}: {entry['cause']} ({amount(entry['amount'], entry['unit'])})", err=True)
    for path in files:
        click.echo(path)


def say_travelled(done: Travelled, *, as_json: bool) -> None:
    """Print every point's nearest other one, what was noted, and the files."""
    files = [str(path) for path in done.written]
    noted = done.ledger.frame().to_dict(orient="records")
    rows = done.nearest
    if as_json:
        nearest = json.loads(rows.to_json(orient="records", force_ascii=False))
        _say_json({"nearest": nearest, "ledger": noted, "files": files})
        return
    table = Table("From", "Nearest", "Minutes", "km")
    for row in rows.head(MOST_ROWS).to_dict("records"):
        table.add_row(
            escape(str(row["from_id"])), escape(str(row["nearest_id"] or "–")), _cell(row["minutes"]), _cell(row["km"])
        )
    _print(table)
    if len(rows) > MOST_ROWS:
        click.echo(f"and {len(rows) - MOST_ROWS:,} more")
    for entry in noted:
        where = f" [{entry['zone_id']}]" if entry["zone_id"] else ""
        click.echo(f"{entry['step']}: {entry['cause']}{where} ({amount(entry['amount'], entry['unit'])})", err=True)
    for path in files:
        click.echo(path)


def say_plan(plan: Plan, *, as_json: bool) -> None:
    """Print the files that would be fetched, the steps that would run with their reasons, missing inputs, and the disk."""
    if as_json:
        _say_json(asdict(plan))
        return
    if plan.files:
        _say_files(plan)
    for each in plan.left_out:
        click.echo(f"left out: {each}")
    for each in plan.notes:
        click.echo(f"note: {each}")
    table = Table("Step", "", "Why", "Last time [s]")
    for step in plan.steps:
        seconds = "–" if step.last is None else f"{step.last.seconds:.2f}"
        table.add_row(escape(step.name), "run" if step.runs else "there", escape(step.reason), seconds)
    _print(table)
    for name in plan.missing:
        click.echo(f"missing: {name}")
    click.echo(
        f"Inputs {plan.input_bytes / BYTES_PER_MB:,.0f} MB, stored results {plan.stored_bytes / BYTES_PER_MB:,.0f} MB, "
        f"free on the disk {plan.free_bytes / BYTES_PER_MB:,.0f} MB."
    )
    for outputs, words in plan.licences.items():
        click.echo(f"{outputs}: {words}")
    say_sharing(plan.sharing)


def say_sharing(warnings: Sequence[str]) -> None:
    """Print what to mind of the licences of inputs."""
    for warning in warnings:
        click.echo(f"licence: {warning}", err=True)


def _say_files(plan: Plan) -> None:
    """Print what would be fetched, a row per section."""
    table = Table("Section", "Dataset", "Files", "In the cache", "To fetch [MB]")
    sections: dict[tuple[str, str], list[PlannedFile]] = {}
    for file in plan.files:
        sections.setdefault((file.section, file.dataset), []).append(file)
    for (section, dataset), files in sections.items():
        coming = [file.size_bytes for file in files if not file.cached]
        known = sum(size for size in coming if size is not None) / BYTES_PER_MB
        size = f"{known:,.1f}" + (" and more" if None in coming else "")
        table.add_row(escape(section), escape(dataset), f"{len(files):,}", f"{len(files) - len(coming):,}", size)
    _print(table)
    total = sum(file.size_bytes or 0 for file in plan.files if not file.cached)
    minutes = total / BYTES_PER_MB / ASSUMED_MB_PER_S / SECONDS_PER_MINUTE
    click.echo(f"To fetch about {total / BYTES_PER_MB:,.0f} MB: {minutes:,.0f} min at {ASSUMED_MB_PER_S:g} MB/s.")


def say_probed(probed: Sequence[Probed]) -> None:
    """Print how every host answered."""
    table = Table("Host", "", "Parts of files", "Seconds", "Answer")
    for each in probed:
        parts = "yes" if each.ranges else "no" if each.ok else ""
        table.add_row(escape(each.host), "there" if each.ok else "not there", parts, f"{each.seconds:.1f}", escape(each.status))
    _print(table)


def say_status(plan: Plan, *, as_json: bool) -> None:
    """Print what is stored of every step."""
    if as_json:
        _say_json({step.name: None if step.last is None else asdict(step.last) for step in plan.steps})
        return
    table = Table("Step", "State", "Time [s]", "Memory until then [MB]", "Stored [MB]")
    for step in plan.steps:
        if step.last is None:
            table.add_row(escape(step.name), "to do", "", "", "")
            continue
        numbers = (step.last.seconds, step.last.peak_mb, step.last.size_bytes / BYTES_PER_MB)
        table.add_row(escape(step.name), "out of date" if step.runs else "done", *(f"{number:,.2f}" for number in numbers))
    _print(table)


def _say_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print(table: Table) -> None:
    """Print a table; without a terminal it must not be folded to 80 columns."""
    Console(width=None if Console().is_terminal else 120).print(table)


def _cell(value: str | float | None) -> str:
    """Return a text or a number as a cell; a dash where there is none.

    >>> _cell("Ai"), _cell(1234.0), _cell(float("nan")), _cell(None)
    ('Ai', '1,234', '–', '–')
    """
    if isinstance(value, str):
        return escape(value)
    return "–" if value is None or isnan(value) else f"{value:,.0f}"

"""The table in the terminal and the page in the docs."""

import math
from io import StringIO

from rich.console import Console
from rich.table import Table

HEADINGS = ("job", "peer", "ours, s", "peer, s", "ratio", "times the read", "peak MB", "target", "agreement")


def _number(value: float, digits: int) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.{digits}f}"


def _cells(row: dict) -> tuple[str, ...]:
    target = "; ".join(filter(None, (row.get("target"), row.get("read_target") and f"read {row['read_target']}")))
    ratio = _number(row.get("ratio", math.nan), 1)
    return (
        row["job"],
        row["peer"],
        _number(row["ours_s"], 3),
        _number(row.get("peer_s", math.nan), 2),
        f"{ratio}x" if ratio else "",
        _number(row["times_read"], 2),
        f"{row['ours_mb']:.0f} / {row['peer_mb']:.0f}" if "peer_mb" in row else f"{row['ours_mb']:.0f}",
        target,
        row.get("agreement") or f"skipped: {row['skipped']}",
    )


def table_of(rows: list[dict]) -> str:
    """Draw the rows for a terminal."""
    table = Table(*HEADINGS)
    for row in rows:
        table.add_row(*_cells(row))
    text = StringIO()
    Console(file=text, width=190).print(table)
    return text.getvalue()


def _versions(results: dict) -> str:
    found = {f"{name} {version}" for row in results["rows"] for name, version in row.get("versions", {}).items()}
    ours = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    return f"Ours: {ours}. Peers: {', '.join(sorted(found, key=str.lower))}."


def page(results: dict) -> str:
    """Write the page of the benchmark."""
    facts, machine = results["country"], results["machine"]
    lines = [
        "# Benchmark",
        "",
        "Written by `make bench` (`python bench/run.py --write`). The numbers belong to one machine; the ratios travel.",
        "",
        "**Country.** Made up from a seed (`bench/country.py`): "
        f"{facts['rows']:,} × {facts['cols']:,} cells of 30 arc-seconds, "
        f"{facts['inside_share']:.0%} of them inside, {facts['people'] / 1e6:.1f} million people, "
        f"{facts['dense_patches']:,} dense patches, of which {facts['clusters']} are urban at 300/5,000 people per cell "
        f"({facts['urban_cells']:,} cells). Zones: these {facts['clusters']} urban outlines along the cells and "
        f"{facts['zones'] - facts['clusters']} wiggly districts, {facts['zones']} zones with {facts['zone_vertices']:,} "
        f"vertices ({facts['district_vertices']:,} in districts). Float32, deflated tiles.",
        "",
        f"**How.** CPU seconds of the public calls, every job of every tool in a process of its own, warm (compiled, file "
        f"in the page cache), single-threaded; tools take turns, {results['rounds']} rounds, ours three times in each; the "
        "minimum counts, because neighbours on the machine only ever add. The series, where one call takes seconds, is called "
        "once per round by all. Its 150 rasters are the four monthly files again and again; peers are measured on ten of them "
        "and the rest is extrapolated in proportion. Peak memory is that of the whole process, "
        "libraries included, during the measured calls. "
        "*Times the read* is our time over that of `rasterio` reading the same file and nothing else. "
        "Settlements are compared by their people in order of size, statistics zone by zone; two numbers differ where they "
        "are more than 1e-5 of their size apart. Values below 0.1 are left out of the statistics; exactextract and rasterstats "
        "get them already cut, which is not part of their time; in the series they read the files as they are, and are "
        "compared on values already cut.",
        "",
        f"**Machine.** {machine['processor']}, {machine['cores']} cores, Python {machine['python']}, {machine['system']}. "
        + _versions(results),
        "",
        "| " + " | ".join(HEADINGS) + " |",
        "|" + "---|" * len(HEADINGS),
        *("| " + " | ".join(_cells(row)) + " |" for row in results["rows"]),
        "",
        "**Reading the last column.** GOSTurban sums in float32, and with `smooth=True` returns the unsmoothed extents, each "
        "twice. GOSTrocks and rasterstats count cells by their centre, GOSTrocks on a grid that begins at each zone's own "
        "corner, so their districts differ. exactextract loses whole cells of zones that run along the cells of a "
        "30 arc-second grid, or takes slivers of their neighbours into the extremes, because 1/120 of a degree is no binary "
        "fraction.",
        "",
    ]
    return "\n".join(lines)

"""`make bench`: measure the package beside the tools people use, on a country of the size of Kazakhstan.

python bench/run.py            print the table
python bench/run.py --write    and write it to docs/bench.md
"""

import argparse
import json
import math
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from agreement import of_classes, of_extents, of_reach, of_zones
from country import Country, make_country
from environments import PEERS, install
from hazard import make_hazard
from mirror import make_mirror, make_twice
from page import page, table_of
from processes import Measured, measure
from roads import make_friction, make_senegal

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".bench"


@dataclass(frozen=True)
class Job:
    """One line of work: what we are asked for, which read it contains, and who does the same."""

    title: str
    ours: str
    read: str
    peers: tuple[tuple[str, str, str], ...]
    """Label, environment and job of each peer."""
    targets: tuple[tuple[str, float], ...] = ()
    """Least ratio to a peer, by its label."""
    limits: tuple[float, float] = (math.inf, math.inf)
    """Most CPU seconds and MB of ours."""
    slow: bool = False
    """Whether peers take minutes: they are called once."""
    long: bool = False
    """Whether ours and the pure read take many seconds too: they are called as often as peers."""
    wall: bool = False
    """Whether the clock is read instead of the processor, for work on all cores."""
    times: float = 1.0
    """Calls of a peer that one of ours stands for; the rest is extrapolated."""
    note: str = ""
    """What is known of tools that cannot be run here."""


URBAN = "GOSTurban calculateUrban"
JOBS = (
    Job("extents 300/5,000: file to polygons with people", "extents from file", "read population",
        ((URBAN, "gosturban", "extents from file"),), ((URBAN, 15.0),)),
    Job("the same without the read", "extents", "", ((URBAN, "gosturban", "extents"),), ((URBAN, 25.0),)),
    Job("centres 1,500/50,000: file to polygons with people", "centres from file", "read population",
        ((f"{URBAN} (smooth)", "gosturban", "centres from file"),)),
    Job("degree of urbanisation, level 1, the country twice, without the read", "degree", "",
        (("degurba (PyPI)", "degurba", "degree"),), (("degurba (PyPI)", 500.0),), slow=True),
    Job("degree of urbanisation, level 2, 32.8 million cells (mirrored Belgium): files to file", "classify", "", (),
        limits=(5.0, 1_500.0), note="published for a laptop, Europe: JRC tool 10 s and 5.7 GB, flexurba 187 s and 8.8 GB"),
    Job("travel time from one city, Senegal (0.5 million cells)", "surface senegal", "",
        (("scikit-image", "travel", "skimage surface senegal"), ("scipy Dijkstra, graph ready", "travel", "dijkstra senegal"),
         ("xarray-spatial", "xrspatial", "xrspatial senegal")), (("scikit-image", 6.0),)),
    Job("travel time from one city, 8.8 million cells", "surface country", "",
        (("scikit-image", "travel", "skimage surface country"), ("scipy Dijkstra, graph ready", "travel", "dijkstra country"),
         ("xarray-spatial", "xrspatial", "xrspatial country")), (("scikit-image", 6.0),)),
    Job("minutes, km and line of all pairs, 30 cities of Senegal, two threads, by the clock", "pairs senegal", "",
        (("scikit-image, sweep and traces (1 of 30 measured)", "travel", "skimage origin senegal"),),
        (("scikit-image, sweep and traces (1 of 30 measured)", 10.0),), wall=True, times=30),
    Job("minutes, km and line of all pairs, 150 cities, 8.8 million cells, two threads, by the clock", "pairs country", "",
        (("scikit-image, sweep and traces (1 of 150 measured)", "travel", "skimage origin country"),),
        (("scikit-image, sweep and traces (1 of 150 measured)", 10.0),), wall=True, times=150, slow=True),
    Job("coverage of all zones, once per grid", "plan", "", (("exactextract coverage", "exactextract", "plan"),)),
    Job("five statistics of all zones, without the read", "statistics", "",
        (("exactextract, zone by zone", "exactextract", "statistics"),
         ("exactextract, raster by raster", "exactextract", "statistics, raster by raster"),
         ("rasterstats", "rasterstats", "statistics")),
        (("exactextract, zone by zone", 5.0), ("exactextract, raster by raster", 5.0))),
    Job("five statistics of all zones, from file", "statistics from file", "read lights",
        (("GOSTrocks zonalStats", "gosturban", "statistics from file"),), (("GOSTrocks zonalStats", 8.0),)),
    Job("series of 150 rasters, all zones: files to five statistics (of peers 10 rasters measured)", "series", "read series",
        (("GOSTrocks zonalStats", "gosturban", "series"), ("rasterstats", "rasterstats", "series"),
         ("exactextract, raster after raster", "exactextract", "series"),
         ("exactextract, 10 rasters in one call", "exactextract", "series in one call")),
        (("GOSTrocks zonalStats", 8.0),), times=15, long=True),
    Job("floods of nine return periods at 3 arc-seconds, 877 million cells each: files to people exposed", "hazard",
        "read hazard", (), limits=(60.0, 1_500.0), long=True, slow=True),
)  # fmt: skip
READ_TARGET = {"statistics from file": 1.3, "series": 1.3}
OURS, READ = "urbanreview", "read"


def tools_of(job: Job, pythons: dict[str, Path | str]) -> dict[str, tuple[Path, str, str]]:
    """Processes of a job by name: ours first, then the pure read, then the peers that installed."""
    scripts = {peer.name: peer.script for peer in PEERS}
    tools = {OURS: (Path(sys.executable), "ours.py", job.ours)}
    if job.read:
        tools[READ] = (Path(sys.executable), "ours.py", job.read)
    for label, peer, theirs in job.peers:
        python = pythons[peer]
        if isinstance(python, Path):
            tools[label] = (python, scripts[peer], theirs)
    return tools


def agreement(ours: Measured, theirs: Measured, country: Country) -> str:
    """Say in words how far two results are apart."""
    if "people" in ours.result:
        return of_extents(ours.result, theirs.result)
    if "class_cells" in ours.result:
        return of_classes(ours.result, theirs.result)
    if "reached" in ours.result:
        return of_reach(ours.result, theirs.result)
    return of_zones(ours.result, theirs.result, urban=int(country.facts["clusters"]))


def verdict(ratio: float, target: float | None) -> str:
    """Say whether a target is met."""
    return "" if target is None else f"{'met' if ratio >= target else 'MISSED'}: {target:g}x"


def rows_of(job: Job, found: dict[str, Measured], pythons: dict[str, Path | str], country: Country) -> list[dict]:
    """Turn what the processes said into rows of the table, one per peer."""
    ours, read = found[OURS], found.get(READ)
    if ours.failure:
        raise SystemExit(f"{job.title}: {ours.failure}")
    share = ours.best_s / read.best_s if read else math.nan
    rows = []
    if not job.peers:
        met = ours.best_s <= job.limits[0] and ours.peak_mb <= job.limits[1]
        target = f"{'met' if met else 'MISSED'}: {job.limits[0]:g} s, {job.limits[1]:,.0f} MB"
        row = {"job": job.title, "peer": "", "ours_s": ours.best_s, "times_read": share, "ours_mb": ours.peak_mb}
        return [row | {"target": target, "agreement": ours.result.get("said", job.note)}]
    for label, peer, _ in job.peers:
        mine = ours.best_wall_s if job.wall else ours.best_s
        row = {"job": job.title, "peer": label, "ours_s": mine, "ours_median_s": ours.median_s, "times_read": share}
        row |= {"ours_mb": ours.peak_mb, "read_s": read.best_s if read else math.nan}
        theirs = found.get(label) or Measured(failure=f"does not install: {pythons[peer]}")
        if theirs.failure:
            rows.append(row | {"skipped": theirs.failure})
            continue
        yours = job.times * (theirs.best_wall_s if job.wall else theirs.best_s)
        ratio = yours / mine
        row |= {"peer_s": yours, "peer_median_s": theirs.median_s, "ratio": ratio, "peer_mb": theirs.peak_mb}
        row |= {"agreement": agreement(ours, theirs, country)}
        row |= {"target": verdict(ratio, dict(job.targets).get(label)), "versions": theirs.versions}
        rows.append(row)
    if job.ours in READ_TARGET:
        limit = READ_TARGET[job.ours]
        rows[0]["read_target"] = f"{'met' if share <= limit else 'MISSED'}: at most {limit:g}"
    return rows


def machine() -> dict[str, str]:
    """Say what class of machine this is, and nothing that names it."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0] if names else model
    return {"processor": model, "cores": str(os.cpu_count()), "python": platform.python_version(), "system": platform.system()}


def main() -> None:
    """Build what is missing, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write docs/bench.md")
    parser.add_argument("--rounds", type=int, default=5, help="calls of each peer (default 5); ours get three per round")
    parser.add_argument("--only", default="", help="only jobs whose title contains this")
    asked = parser.parse_args()
    country = make_country(CACHE / "data")
    make_twice(CACHE / "data")
    make_friction(CACHE / "data")
    pythons = {peer.name: install(peer, CACHE) for peer in PEERS}
    rows, ours = [], Measured()
    for job in JOBS:
        if asked.only not in job.title:
            continue
        if job.ours == "classify" and (absent := make_mirror(CACHE / "mirror", ROOT)):
            print(f"skipped {job.title}: {absent}", file=sys.stderr)
            continue
        if "senegal" in job.ours and (absent := make_senegal(CACHE / "data", ROOT)):
            print(f"skipped {job.title}: {absent}", file=sys.stderr)
            continue
        if job.ours == "hazard":
            make_hazard(CACHE / "data")
        print(f"measuring {job.title}", file=sys.stderr)
        rounds = 1 if job.slow else asked.rounds
        found = measure(tools_of(job, pythons), CACHE / "data", rounds=rounds, at_least=1 if job.long else 3)
        rows += rows_of(job, found, pythons, country)
        ours = found[OURS]
    results = {"machine": machine(), "country": country.facts, "versions": ours.versions, "rounds": asked.rounds, "rows": rows}
    (CACHE / "results.json").write_text(json.dumps(results, indent=2))
    print(table_of(rows))
    if asked.write:
        (ROOT / "docs" / "bench.md").write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main()

"""The loop that every measured process runs: prepare once, then one call per line that comes in.

Needs only the standard library, because it runs in the environments of the peers too. The process is started as
``python <peer>.py JOB FOLDER``; each answer is one line of JSON on standard output.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

Call = Callable[[int], object]
Report = Callable[[object], dict]
FLOOR = 0.1
SERIES = 150
"""Rasters of a series."""
PART = 10
"""Rasters of a series that a peer is measured on."""
DENSE, ENOUGH = 300, 5_000
DENSE_CENTRE, ENOUGH_CENTRE = 1_500, 50_000


def population_file(folder: Path) -> str:
    """The country's population."""
    return str(folder / "population.tif")


def twice_file(folder: Path) -> str:
    """The population twice, above one another."""
    return str(folder / "population-twice.tif")


def lights_files(folder: Path) -> list[str]:
    """The country's monthly lights; call ``k`` reads file ``k`` modulo their number, so that nothing is read twice in a row."""
    return [str(path) for path in sorted(folder.glob("lights-*.tif"))]


def series_files(folder: Path, rasters: int) -> list[str]:
    """A series of so many rasters: the country's months again and again."""
    months = lights_files(folder)
    return [months[k % len(months)] for k in range(rasters)]


def forget_peak() -> None:
    """Let the peak begin anew, where the system can: compiling and preparing are not part of a call."""
    reset = Path("/proc/self/clear_refs")
    if reset.exists():
        reset.write_text("5")


def peak_mb() -> float:
    """Largest resident size of this process since `forget_peak` [MB]."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / 2**20 if sys.platform == "darwin" else size / 1024


def serve(jobs: Mapping[str, Callable[[Path], tuple[Call, Report]]], *, packages: Sequence[str]) -> None:
    """Prepare the job that the command line names, warm up, and measure one call per line of standard input.

    Parameters
    ----------
    jobs : mapping of job to function
        The function takes the folder of the country and returns the call to measure, which takes the number of the
        repetition, and a function that turns its answer into numbers to compare.
    packages : sequence of str
        Whose versions the table states.
    """
    out, sys.stdout = sys.stdout, sys.stderr  # what a peer prints must not get between the answers

    def say(**answer: object) -> None:
        out.write(json.dumps(answer) + "\n")
        out.flush()

    call, report = jobs[sys.argv[1]](Path(sys.argv[2]))
    result = call(0)
    forget_peak()
    say(versions={name: version(name) for name in packages})
    for number, line in enumerate(sys.stdin, start=1):
        if line.strip() == "end":
            break
        start, begun = time.process_time(), time.perf_counter()
        result = call(number)
        say(cpu_s=time.process_time() - start, wall_s=time.perf_counter() - begun)
    peak = peak_mb()
    say(peak_mb=peak, result=report(result))

"""Measured processes, taken in turns."""

import json
import os
import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
SCRIPTS = Path(__file__).parent / "peers"


@dataclass
class Measured:
    """What one process said: CPU seconds of every call, peak memory, numbers to compare; or why it failed."""

    cpu_s: list[float] = field(default_factory=list)
    wall_s: list[float] = field(default_factory=list)
    peak_mb: float = float("nan")
    result: dict = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    failure: str = ""

    @property
    def best_s(self) -> float:
        """The shortest call: whatever else runs on the machine only ever adds."""
        return min(self.cpu_s, default=float("nan"))

    @property
    def best_wall_s(self) -> float:
        """The shortest call by the clock, for work on several threads."""
        return min(self.wall_s, default=float("nan"))

    @property
    def median_s(self) -> float:
        """The call in the middle."""
        return statistics.median(self.cpu_s) if self.cpu_s else float("nan")


class Process:
    """One job of one tool in a process of its own, warm and waiting."""

    def __init__(self, python: Path, script: str, job: str, folder: Path) -> None:
        self._log = folder / f"{Path(script).stem}-{job.replace(' ', '-')}.log"
        self._open = subprocess.Popen(
            [str(python), str(SCRIPTS / script), job, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log.open("w"),
            text=True,
            env=os.environ | ONE_THREAD,
        )
        self.measured = Measured()
        self._take(self._answer())

    def _answer(self) -> dict:
        line = self._open.stdout.readline()
        if line:
            return json.loads(line)
        self._open.wait()
        said = self._log.read_text().strip().splitlines()
        return {"failure": said[-1] if said else f"ended with code {self._open.returncode}"}

    def _take(self, answer: dict) -> None:
        for name in ("cpu_s", "wall_s"):
            if name in answer:
                getattr(self.measured, name).append(answer.pop(name))
        for name, value in answer.items():
            setattr(self.measured, name, value)

    def _ask(self, line: str) -> None:
        if self.measured.failure:
            return
        self._open.stdin.write(line + "\n")
        self._open.stdin.flush()
        self._take(self._answer())

    def repeat(self) -> None:
        """Measure one more call."""
        self._ask("again")

    def finish(self) -> Measured:
        """Let the process report and end."""
        self._ask("end")
        self._open.stdin.close()
        self._open.wait()
        return self.measured


def measure(tools: dict[str, tuple[Path, str, str]], folder: Path, *, rounds: int, at_least: int) -> dict[str, Measured]:
    """Measure tools in turns.

    Parameters
    ----------
    tools : dict of name to (python, script, job)
        The first is called three times per round, because it is the shortest.
    folder : Path
        The country.
    rounds : int
        Rounds of one call each.
    at_least : int
        Calls of the first tool per round.
    """
    running = {name: Process(python, script, job, folder) for name, (python, script, job) in tools.items()}
    for _ in range(rounds):
        for process in running.values():
            for _ in range(at_least if process is next(iter(running.values())) else 1):
                process.repeat()
    return {name: process.finish() for name, process in running.items()}

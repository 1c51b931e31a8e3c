"""Environments for the peers, each of its own: a peer is never a dependency of the project."""

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Peer:
    """A tool to compare with: its name, what to install for it, and the script that calls it."""

    name: str
    requirements: tuple[str, ...]
    script: str


PEERS = (
    # Newer rasterio crashes on the smoothed extents: rasterize gives int64, which features.shapes refuses.
    Peer("gosturban", ("gosturban==1.0.0", "GOSTrocks==1.0.1", "rasterstats>=0.20", "rasterio==1.3.11"), "gost.py"),
    Peer("exactextract", ("exactextract>=0.3", "rasterio", "geopandas"), "exact.py"),
    Peer("travel", ("scikit-image>=0.24", "scipy", "rasterio", "geopandas"), "travel.py"),
    Peer("xrspatial", ("xarray-spatial>=0.4", "rasterio"), "travel.py"),
    Peer("degurba", ("degurba==0.2",), "grid.py"),
    Peer("rasterstats", ("rasterstats>=0.21", "rasterio", "geopandas"), "stats.py"),
)


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def install(peer: Peer, root: Path) -> Path | str:
    """Build a peer's environment, once.

    Returns
    -------
    Path
        Its Python.
    str
        Why there is none, if it does not install.
    """
    folder = root / peer.name
    stamp, wanted = folder / "installed.txt", "\n".join(peer.requirements)
    if stamp.exists() and stamp.read_text() == wanted:
        return _python_of(folder)
    print(f"installing {peer.name}: {', '.join(peer.requirements)}", file=sys.stderr)
    venv.create(folder, with_pip=True, clear=True)
    command = [str(_python_of(folder)), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *peer.requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        return (errors or done.stderr.splitlines() or ["pip failed without a word"])[-1]
    stamp.write_text(wanted)
    return _python_of(folder)

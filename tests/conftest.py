"""What all tests share: the real data, a toy country, and inputs that cannot be altered in silence."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent
ROOT = HERE.parent
# So that tests can say `from twins.components import label` and `from toys import grid`.
sys.path.append(str(HERE))

# The same examples on every machine; the first call of a kernel compiles it, which is no fault of the test.
EXAMPLES = int(os.environ.get("URBANREVIEW_EXAMPLES", "25"))
settings.register_profile(
    "house", derandomize=True, deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")

REAL = "reads the shared real data"


def shared_folder() -> Path:
    """Where the real data are: the folder the environment names, or ``shared`` beside the checkout."""
    named = os.environ.get("URBANREVIEW_SHARED")
    return Path(named) if named else ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared real data; tests that ask for it are skipped where there are none."""
    folder = shared_folder()
    if not (folder / "data").is_dir():
        pytest.skip(f"no real data at {folder}: put them there or name their folder in URBANREVIEW_SHARED")
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the report of every real-data test say that it is one."""
    for item in items:
        if item.get_closest_marker("real"):
            item.user_properties.append((REAL, True))


def pytest_terminal_summary(terminalreporter) -> None:
    """Say how many real-data tests ran, and how many were skipped."""

    def real(outcome: str) -> int:
        reports = terminalreporter.stats.get(outcome, [])
        return len({report.nodeid for report in reports if (REAL, True) in getattr(report, "user_properties", [])})

    ran, skipped = sum(map(real, ("passed", "failed", "error", "xfailed", "xpassed"))), real("skipped")
    if ran + skipped:
        terminalreporter.write_line(f"real data: {ran} tests ran, {skipped} skipped")


@pytest.fixture(scope="session")
def freeze():
    """Make arrays, rasters and tuples of arrays read-only, so that a change in place fails; returns what it was given."""

    def frozen(thing):
        if isinstance(thing, np.ndarray):
            thing.flags.writeable = False
        elif isinstance(thing, xr.DataArray):
            thing.values.flags.writeable = False
        elif isinstance(thing, tuple):
            for part in thing:
                frozen(part)
        return thing

    return frozen


@pytest.fixture(params=["north-east", "north-west", "south-east", "south-west"])
def toy(request):
    """The toy country in each quarter of the globe: east and west of Greenwich, north and south of the equator."""
    from toys import toy_country

    return toy_country(request.param)

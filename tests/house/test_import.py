"""Importing costs next to nothing, and every public name is there when it is asked for."""

import subprocess
import sys

import pytest

import urbanreview

HEAVY = ("numba", "xarray", "geopandas", "pandas", "rasterio", "matplotlib", "odc")
SECONDS = 0.3


def loaded_by(module: str) -> set[str]:
    """Heavy packages that importing a module brings along, in a process of its own."""
    code = f"import sys, {module}; print(*(name for name in {HEAVY} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_takes_less_than_a_third_of_a_second():
    """Best of five, measured inside a fresh process: the start of Python itself does not count."""
    code = "import time; begun = time.perf_counter(); import urbanreview; print(time.perf_counter() - begun)"
    seconds = [float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) for _ in range(5)]
    assert min(seconds) < SECONDS


@pytest.mark.parametrize("module", ["urbanreview", "urbanreview.errors", "urbanreview.log", "urbanreview.units"])
def test_importing_the_package_brings_nothing_heavy_along(module):
    assert loaded_by(module) == set()


def test_the_commands_bring_nothing_heavy_along():
    """Help and the refusal of a misspelt option must not wait for libraries."""
    assert loaded_by("urbanreview.cli") == set()


def test_the_guard_would_see_a_heavy_package():
    assert "pandas" in loaded_by("urbanreview.ledger")


@pytest.mark.parametrize("name", urbanreview.__all__)
def test_every_public_name_resolves(name):
    assert getattr(urbanreview, name) is not None
    assert name in dir(urbanreview)


def test_an_unknown_name_is_told_as_python_does():
    with pytest.raises(AttributeError, match="module 'urbanreview' has no attribute 'no_such_name'"):
        _ = urbanreview.no_such_name


def test_public_names_are_sorted_and_unique():
    names = urbanreview.__all__[1:]
    assert names == sorted(set(names))


def test_the_version_is_that_of_the_distribution():
    from importlib.metadata import version

    assert urbanreview.__version__ == version("urbanreview")

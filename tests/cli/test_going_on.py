"""A run that is stopped goes on where it was; a change redoes what it touches, and nothing else."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio

from urbanreview.demo import write_demo

MAIN = [sys.executable, "-c", "from urbanreview.cli import main; main()"]
KILLS = 10


def start(settings: Path, *words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [*MAIN, "run", str(settings), "--quiet", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(settings: Path, *words: str) -> dict:
    process = start(settings, "--json", *words)
    said, trouble = process.communicate(timeout=300)
    assert process.returncode == 0, trouble
    return json.loads(said)


def results(folder: Path) -> dict[str, bytes]:
    """Every file that is promised to be the same, byte for byte."""
    paths = [path for part in ("tables", "rasters") for path in (folder / part).rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def leftovers(folder: Path) -> list[str]:
    return [path.as_posix() for path in folder.rglob("*.part*")]


@pytest.fixture(params=["toy", "demo"])
def stopped(request, tmp_path) -> tuple[Path, Path]:
    """Settings of a review to be stopped, and the folder of its results: a toy's, and the whole demo's."""
    if request.param == "toy":
        settings = request.getfixturevalue("settings_file")
        return settings, settings.parent / "toy-review"
    settings = write_demo(tmp_path / "demo")
    return settings, settings.parent / "kaz-review"


@pytest.fixture
def undisturbed(stopped) -> tuple[dict[str, bytes], float]:
    """Results of a run that nobody disturbed, and its seconds."""
    settings, folder = stopped
    begun = time.perf_counter()
    finish(settings)
    seconds = time.perf_counter() - begun
    kept = results(folder)
    shutil.rmtree(folder)
    return kept, seconds


@pytest.mark.slow
def test_a_killed_run_goes_on(stopped, undisturbed, record_property):
    expected, seconds = undisturbed
    settings_file, folder = stopped
    hit = []
    for fraction in np.sort(np.random.default_rng(20).uniform(0.05, 0.95, KILLS)):
        shutil.rmtree(folder, ignore_errors=True)
        process = start(settings_file)
        time.sleep(fraction * seconds)
        process.kill()
        process.wait()
        log = folder / "run.log"
        lines = log.read_text().splitlines() if log.is_file() else []
        hit.append(f"{fraction:.2f}: {lines[-1].partition('INFO ')[2] if lines else 'before the first step'}")
        finish(settings_file)
        assert results(folder) == expected, hit[-1]
        assert not leftovers(folder), hit[-1]
    record_property("steps hit", "; ".join(hit))
    print("\n".join(hit))  # noqa: T201 - shown with -s, for the release note


@pytest.mark.slow
def test_an_interrupted_run_goes_on(stopped, undisturbed):
    expected, seconds = undisturbed
    settings_file, folder = stopped
    process = start(settings_file)
    time.sleep(0.6 * seconds)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode in (0, 130)
    if process.returncode == 130:
        assert said.splitlines()[-1] == "Stopped. Run the same command again to go on."
        assert "Traceback" not in said
    finish(settings_file)
    assert results(folder) == expected


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="needs the right to mount a small disk")
@pytest.mark.parametrize("part", [0.1, 0.9], ids=["in a step", "in the report"])
def test_a_full_disk_is_told_and_gone_on_from(stopped, undisturbed, tmp_path, part):
    expected, _ = undisturbed
    settings_file, _ = stopped
    finish(settings_file)
    size = int(part * sum(path.stat().st_size for path in (settings_file.parent / stopped[1]).rglob("*") if path.is_file()))
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], check=False, capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        process = start(settings_file, "--output", str(disk / "out"))
        _, said = process.communicate(timeout=300)
        assert process.returncode == 1, said
        assert "Traceback" not in said
        assert said.startswith("Error: Cannot write to")
        assert not leftovers(disk)
        subprocess.run(["mount", "-o", "remount,size=4g", disk], check=True)
        finish(settings_file, "--output", str(disk / "out"))
        assert results(disk / "out") == expected
    finally:
        subprocess.run(["umount", disk], check=False)


@pytest.mark.long
def test_a_second_run_does_nothing_and_a_change_redoes_what_it_touches(parts, invoke):
    settings_file = parts.settings
    parts.draw_nothing()

    def ran(*words: str) -> set[str]:
        result = invoke("run", settings_file, "--quiet", "--json", *words)
        assert result.exit_code == 0, result.stderr
        return set(json.loads(result.stdout)["ran"])

    everything = ran()
    assert {"boundaries", "population ghs 2020", "lights 2019", "built-up 2020", "report"} <= everything
    assert ran() == set()

    with rasterio.open(settings_file.parent / "data" / "lights_2019.tif", "r+") as file:
        file.write(file.read(1) * 2, 1)
    assert ran() == {"lights 2019", "light series", "report"}

    text = settings_file.read_text()
    settings_file.write_text(text.replace("years = [2019, 2020]", "years = [2020]"))
    assert ran() == {"light series", "report"}

    settings_file.write_text(settings_file.read_text() + "\n[delineation.urban_centre]\nmin_people = 40000\n")
    inputs = ("boundaries", "units", "division", "population", "lights 2019")
    assert ran() == {step for step in everything if not step.startswith(inputs)}

    settings_file.write_text(settings_file.read_text() + "\n[naming]\nnearest_within_km = 3\n")
    assert ran() == {step for step in everything if step.startswith("names ")} | {"report"}

    assert ran("--from", "built-up 2020") == {"built-up 2020", "land", "light series", "report"}
    parts.say("report = false", "report = true")
    assert ran() == {"report"}
    (settings_file.parent / "toy-review" / "report.html").unlink()
    assert ran() == {"report"}
    assert (settings_file.parent / "toy-review" / "report.html").is_file()


def test_the_plan_says_why_and_what_is_missing_and_changes_nothing(parts, going_on, invoke, tree):
    parts.draw_nothing()
    settings_file = going_on(parts.settings)
    invoke("run", settings_file, "--quiet")
    before = tree(settings_file.parent)
    (settings_file.parent / "data" / "built_2020.tif").rename(settings_file.parent / "data" / "elsewhere.tif")
    settings_file.write_text(
        settings_file.read_text().replace("years = [2019, 2020]", "years = [2019, 2020]\nfloor = 0.3")
        + "\n[naming]\nnearest_within_km = 3\n"
    )
    plan = json.loads(invoke("plan", settings_file, "--json").stdout)
    steps = {step["name"]: step for step in plan["steps"]}
    assert plan["missing"] == ["data/built_2020.tif"]
    assert steps["boundaries"]["runs"] is False
    assert steps["names ghs 2020"]["reason"] == "settings changed: naming.nearest_within_km"
    assert steps["lights 2020"]["reason"] == "settings changed: lights.floor"
    assert steps["population ghs 2020"]["runs"] is False
    assert plan["free_bytes"] > 0
    (settings_file.parent / "data" / "elsewhere.tif").rename(settings_file.parent / "data" / "built_2020.tif")
    after = tree(settings_file.parent)
    assert {name for name in after if name not in before} == set()


def test_two_runs_in_one_folder_are_refused(settings_file, fails):
    from urbanreview.store import locked

    with locked(settings_file.parent / "toy-review"):
        assert "another run is working in it" in fails("run", settings_file)


def test_an_unknown_step_is_told_with_a_guess(settings_file, fails):
    assert "Did you mean 'boundaries'?" in fails("run", settings_file, "--from", "boundarys")


def test_status_lists_every_step(parts, going_on, invoke):
    settings_file = parts.settings
    parts.draw_nothing()
    assert set(json.loads(invoke("status", settings_file, "--json").stdout).values()) == {None}
    invoke("run", going_on(settings_file), "--quiet")
    records = json.loads(invoke("status", settings_file, "--json").stdout)
    assert all(record["seconds"] >= 0 and record["size_bytes"] > 0 for record in records.values())

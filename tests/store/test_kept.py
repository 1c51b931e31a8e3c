"""Texts that outlive a run, in a file that may be damaged and shared."""

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from urbanreview.errors import OutputRefused
from urbanreview.store import Kept


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "answers.sqlite"


def test_it_is_a_mapping(path):
    kept = Kept(path)
    kept["b"] = "Шымкент"
    kept["a"] = ""
    kept["b"] = "Qaraǵandy"
    assert (list(kept), len(kept), kept["b"], "c" in kept, kept.get("c")) == (["a", "b"], 2, "Qaraǵandy", False, None)
    del kept["b"]
    assert dict(kept) == {"a": ""}


def test_it_outlives_the_run(path):
    Kept(path)["a"] = "Семей"
    assert dict(Kept(path)) == {"a": "Семей"}


def test_nothing_is_made_before_it_is_used(path):
    Kept(path)
    assert not path.parent.exists()


@pytest.mark.parametrize("use", [lambda kept: kept["a"], lambda kept: kept.pop("a")])
def test_what_is_not_there_is_a_key_error(path, use):
    with pytest.raises(KeyError, match="a"):
        use(Kept(path))


def damaged_beginning(content):
    return b"<html>" + content[6:]


def damaged_pages(content):
    return content[:4096] + b"\xff" * (len(content) - 4096)


def cut_short(content):
    return content[:5000]


@pytest.mark.parametrize("damage", [damaged_beginning, damaged_pages, cut_short, lambda _: b"{'a': 1}" * 100])
def test_a_damaged_file_is_put_aside_and_begun_anew(path, damage, caplog):
    kept = Kept(path)
    for number in range(40):
        kept[str(number)] = "x" * 800
    broken = damage(path.read_bytes())
    path.write_bytes(broken)
    with caplog.at_level(logging.WARNING, "urbanreview"):
        assert kept.get("7") is None
        kept["7"] = "new"
    assert dict(Kept(path)) == {"7": "new"}
    assert path.with_name("answers.sqlite.damaged").read_bytes() == broken
    (message,) = [record.getMessage() for record in caplog.records]
    assert "answers.sqlite is damaged" in message
    assert "answers.sqlite.damaged" in message


def test_an_empty_file_is_a_new_one(path):
    path.parent.mkdir()
    path.touch()
    Kept(path)["a"] = "b"
    assert dict(Kept(path)) == {"a": "b"}


def test_a_folder_in_the_way_is_told(path):
    path.mkdir(parents=True)
    with pytest.raises(OutputRefused, match=r"Cannot write to .*answers\.sqlite: unable to open"):
        Kept(path)["a"] = "b"


def test_below_a_file_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputRefused, match="answers"):
        Kept(tmp_path / "file" / "answers.sqlite").get("a")


def test_threads_may_share_it(path):
    kept = Kept(path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: kept.__setitem__(str(number), "x"), range(40)))
    assert len(kept) == 40


def test_processes_may_share_it_even_if_it_is_damaged(path):
    path.parent.mkdir()
    path.write_bytes(b"no database" * 100)
    code = """
import sys
from pathlib import Path
from urbanreview.store.kept import Kept
kept = Kept(Path(sys.argv[1]))
for number in range(20):
    kept[f"{sys.argv[2]}{number}"] = "x"
"""
    runs = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in "ab"]
    assert [run.wait(60) for run in runs] == [0, 0]
    assert len(Kept(path)) == 40

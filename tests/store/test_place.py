"""What a run leaves on disk: whole files under their final names, or nothing."""

import pytest

from urbanreview.errors import OutputRefused
from urbanreview.store import place_text, require_writable, staged


def tree(folder) -> dict[str, str | None]:
    """Every path below a folder with its text; None for folders."""
    return {
        path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_text() for path in sorted(folder.rglob("*"))
    }


def leave(folder, files: dict[str, str], *, then: BaseException | None = None) -> None:
    """Write files by way of a stage, and fail in the end if there is an error to fail with."""
    with staged(folder) as stage:
        for name, text in files.items():
            (stage / name).parent.mkdir(exist_ok=True)
            (stage / name).write_text(text)
        if then is not None:
            raise then


@pytest.fixture
def blocked(tmp_path):
    """A folder that cannot be: it would lie below a regular file."""
    (tmp_path / "file").write_text("x")
    return tmp_path / "file" / "out"


class TestStaged:
    def test_success_moves_every_file(self, tmp_path):
        with staged(tmp_path / "out") as stage:
            (stage / "tables").mkdir()
            (stage / "tables" / "a.csv").write_text("a")
            (stage / "run.json").write_text("{}")
            assert not (tmp_path / "out" / "run.json").exists()
        assert tree(tmp_path / "out") == {"run.json": "{}", "tables": None, "tables/a.csv": "a"}

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
    def test_failure_leaves_nothing(self, tmp_path, error):
        with pytest.raises(error):
            leave(tmp_path / "a" / "b" / "out", {"run.json": "{}"}, then=error())
        assert tree(tmp_path) == {}

    def test_failure_keeps_what_was_there(self, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "run.json").write_text("old")
        with pytest.raises(ValueError, match="late"):
            leave(tmp_path / "out", {"run.json": "new", "more.txt": "new"}, then=ValueError("late"))
        assert tree(tmp_path) == {"out": None, "out/run.json": "old"}

    def test_failure_keeps_parents_that_were_there(self, tmp_path):
        (tmp_path / "a").mkdir()
        with pytest.raises(ValueError, match="late"):
            leave(tmp_path / "a" / "b" / "out", {}, then=ValueError("late"))
        assert tree(tmp_path) == {"a": None}

    def test_success_replaces_its_own_files_and_no_others(self, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "run.json").write_text("old")
        (tmp_path / "out" / "mine.txt").write_text("mine")
        leave(tmp_path / "out", {"run.json": "new"})
        assert tree(tmp_path / "out") == {"mine.txt": "mine", "run.json": "new"}

    def test_what_a_killed_run_left_is_cleared(self, tmp_path):
        (tmp_path / "out" / ".part").mkdir(parents=True)
        (tmp_path / "out" / ".part" / "half.tif").write_text("ha")
        leave(tmp_path / "out", {"run.json": "new"})
        assert tree(tmp_path / "out") == {"run.json": "new"}

    def test_a_full_disk_is_told(self, tmp_path):
        with pytest.raises(OutputRefused, match=r"Cannot write to .*out: No space left on device\. Name another folder"):
            leave(tmp_path / "out", {"run.json": "{}"}, then=OSError(28, "No space left on device"))
        assert tree(tmp_path) == {}

    def test_below_a_file_is_told(self, blocked, tmp_path):
        with pytest.raises(OutputRefused, match=r"file/out: Not a directory"), staged(blocked):
            pytest.fail("no stage can be there")
        assert tree(tmp_path) == {"file": "x"}

    def test_a_name_in_the_way_is_told_before_anything_is_moved(self, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "run.json").write_text("old")
        (tmp_path / "out" / "tables").write_text("a file where a folder shall be")
        before = tree(tmp_path)
        with pytest.raises(OutputRefused):
            leave(tmp_path / "out", {"run.json": "new", "tables/a.csv": "a"})
        assert tree(tmp_path) == before


class TestRequireWritable:
    @pytest.mark.parametrize("name", ["out", "a/b/c"])
    def test_it_leaves_nothing(self, tmp_path, name):
        require_writable(tmp_path / name)
        assert tree(tmp_path) == {}

    def test_a_folder_that_is_there_stays(self, tmp_path):
        (tmp_path / "out").mkdir()
        require_writable(tmp_path / "out")
        assert tree(tmp_path) == {"out": None}

    def test_below_a_file_is_told(self, blocked, tmp_path):
        with pytest.raises(
            OutputRefused, match=r"Cannot write to .*file/out: Not a directory\. Name another folder in \[output\]"
        ):
            require_writable(blocked)
        assert tree(tmp_path) == {"file": "x"}

    def test_a_file_is_told(self, tmp_path):
        (tmp_path / "file").write_text("x")
        with pytest.raises(OutputRefused, match="File exists"):
            require_writable(tmp_path / "file")
        assert tree(tmp_path) == {"file": "x"}


class TestPlaceText:
    def test_it_is_written_whole(self, tmp_path):
        path = place_text(tmp_path / "a" / "kaz.toml", "Шымкент\r\n")
        assert path == tmp_path / "a" / "kaz.toml"
        assert path.read_bytes() == "Шымкент\r\n".encode()
        assert tree(tmp_path).keys() == {"a", "a/kaz.toml"}

    def test_it_replaces(self, tmp_path):
        place_text(tmp_path / "a.txt", "old")
        place_text(tmp_path / "a.txt", "new")
        assert tree(tmp_path) == {"a.txt": "new"}

    def test_below_a_file_is_told(self, blocked, tmp_path):
        with pytest.raises(OutputRefused, match="Cannot write to"):
            place_text(blocked / "a.txt", "new")
        assert tree(tmp_path) == {"file": "x"}

    def test_a_folder_of_that_name_is_told(self, tmp_path):
        (tmp_path / "a.txt").mkdir()
        with pytest.raises(OutputRefused, match=r"a\.txt: Is a directory"):
            place_text(tmp_path / "a.txt", "new")
        assert tree(tmp_path) == {"a.txt": None}

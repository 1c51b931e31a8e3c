"""All inputs of a review in one file, for a machine without internet, and a review's folder of inputs made of it again.

A bundle is a zip that packs nothing tighter: ``settings.toml`` with paths inside the bundle, ``cache/made/...`` with files made
of datasets, ``inputs/1/...`` with the user's own, and ``bundle.json`` that lists them with size, hash and the settings that
ask for them. The same inputs make the same bundle, byte for byte.
"""

import hashlib
import json
import re
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

import tomli_w

from urbanreview.config import Settings, load_settings
from urbanreview.config.datasets import with_datasets
from urbanreview.errors import BadSetting, MissingFile, OutputRefused, WrongContent
from urbanreview.ledger import Entry, Ledger
from urbanreview.log import Progress, silent
from urbanreview.sources import locate
from urbanreview.sources.cache import default_folder, sha256_of
from urbanreview.sources.datasets import ORIGINS
from urbanreview.sources.safe_zip import require_safe_zip
from urbanreview.steps.fetching import Fetching
from urbanreview.steps.inputs import suffixes_of
from urbanreview.store import locked, require_free

FORMAT = 1
SETTINGS, MANIFEST, LOCK = "settings.toml", "bundle.json", ".lock"
FILE_SETTINGS = frozenset(
    {"path", "outline", "observations", "permanent_water", "also", "names", "alternate_names", "correspondence"}
)
"""Settings that name files, in any section; ``points`` does so in [access] alone."""
BESIDE = {
    ".gpkg": (".json",),
    ".shp": (".dbf", ".shx", ".prj", ".cpg", ".qpj", ".sbn", ".sbx", ".qix"),
    ".img": (".ige", ".rrd"),
}
"""What belongs to a file of a format: of its name, with these suffixes."""
EXPECTED = "a whole bundle, as 'urbanreview bundle' writes it"
_BLANK = re.compile(r"\{(?:year|month|return_period)(?::[^{}]*)?\}")
_MADE_IN_1980 = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class PackedFile:
    """A file of a bundle, and the settings that ask for it, such as ``population.ghs.path``."""

    name: str
    size_bytes: int
    sha256: str
    asked_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unpacked:
    """A bundle's settings file in its folder, and what became of the datasets when it was packed."""

    settings: Path
    brought: Fetching


@dataclass(frozen=True)
class _Path:
    """What a setting says, and what it says in the bundle: both with the same blanks to fill."""

    setting: str
    text: str
    name: str

    def name_of(self, file: str) -> str:
        """Return the name in the bundle of a file that this path was filled to; empty if it is not one of its files."""
        filled = re.fullmatch("([^/!]+)".join(map(re.escape, _BLANK.split(self.text))), file)
        if filled is None:
            return ""
        words = iter(filled.groups())
        return _BLANK.sub(lambda _: next(words), self.name)


@dataclass
class _Source:
    """A file to pack, and the settings that ask for it."""

    path: Path
    asked_by: set[str] = field(default_factory=set)


def require_files(settings_path: Path) -> None:
    """Refuse settings with an input that no bundle can hold: before anything is fetched for one.

    Raises
    ------
    MissingFile, BadSetting
        If one is read from a server, refers to other files, or is reached through ``..`` after a year.
    """
    settings = load_settings(settings_path)
    problems = [] if settings.naming.nominatim is None else ["[naming.nominatim] asks a server, and a bundle holds files"]
    _, paths = _in_bundle(_filled(settings_path), settings.base)
    problems += [fault for path in paths if (fault := _fault(path))]
    if problems:
        raise BadSetting(settings_path, problems)


def pack(
    settings_path: Path, target: Path, *, files: Sequence[str], brought: Fetching | None = None, progress: Progress = silent
) -> tuple[PackedFile, ...]:
    """Write a bundle: whole under its name, or not at all.

    Parameters
    ----------
    settings_path : Path
        Settings that `require_files` takes.
    target : Path
        Replaced if it is there.
    files : sequence of str
        Inputs that are there, as the steps of the review name them.
    brought : Fetching, optional
        What became of its datasets: the run from the bundle says it too.
    progress : callable
        Called as ``progress(what, done_bytes, total_bytes)``.

    Returns
    -------
    tuple of PackedFile
        In the order of their names, the manifest left out.

    Raises
    ------
    MissingFile
        If one of the files is not there.
    OutputRefused
        If the bundle cannot be written.
    """
    settings, brought = load_settings(settings_path), brought or Fetching()
    raw, paths = _in_bundle(_filled(settings_path), settings.base)
    raw["output"]["folder"] = PurePosixPath(settings.output.folder).name or "review"
    sources = _sources(settings, paths, files)
    require_free(target, *(source.path for source in sources.values()), force=True)
    done, total = 0, sum(source.path.stat().st_size for source in sources.values())
    with _placed(target) as archive:
        packed = [_add_text(archive, SETTINGS, tomli_w.dumps(raw))]
        for name, source in sorted(sources.items()):
            packed.append(_add_file(archive, name, source))
            done += packed[-1].size_bytes
            progress(target.name, done, total)
        notes = {"reasons": dict(brought.reasons), "ledger": [asdict(entry) for entry in brought.ledger.entries]}
        manifest = {"format": FORMAT, **notes, "files": [asdict(file) for file in packed]}
        _add_text(archive, MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return tuple(packed)


def unpack(bundle: Path, folder: Path, *, progress: Progress = silent) -> Unpacked:
    """Lay a bundle out in a folder; files that are there with the right bytes stay.

    Parameters
    ----------
    bundle, folder : Path
    progress : callable
        Called as ``progress(what, done_bytes, total_bytes)``.

    Raises
    ------
    MissingFile
        If there is no bundle.
    WrongContent
        If it is damaged, or something else.
    OutputRefused
        If the folder cannot be written, is not one of a bundle, or another run is unpacking into it.
    """
    if not bundle.is_file():
        raise MissingFile(bundle)
    require_safe_zip(bundle, address=str(bundle))
    before = _known_before(folder)
    with zipfile.ZipFile(bundle) as archive, _writing(folder), locked(folder):
        brought, files = _manifest(archive, bundle)
        for name in before - {file.name for file in files}:
            (folder / name).unlink(missing_ok=True)
        (folder / MANIFEST).write_bytes(archive.read(MANIFEST))
        done, total = 0, sum(file.size_bytes for file in files)
        for file in files:
            _lay_out(archive, file, folder / file.name, bundle)
            done += file.size_bytes
            progress(bundle.name, done, total)
    return Unpacked(folder / SETTINGS, brought)


def unpacked_folder(bundle: Path) -> Path:
    """Return the folder that a bundle is laid out in: beside it.

    >>> unpacked_folder(Path("usb/kaz-bundle.zip")).as_posix(), unpacked_folder(Path("kaz")).as_posix()
    ('usb/kaz-bundle', 'kaz-unpacked')
    """
    return bundle.with_suffix("") if bundle.suffix else bundle.with_name(f"{bundle.name}-unpacked")


def _filled(settings_path: Path) -> dict[str, Any]:
    """Return the settings as the user wrote them, with what datasets stand for."""
    return with_datasets(tomllib.loads(settings_path.read_text(encoding="utf-8")))


def _rewritten(raw: Mapping[str, Any], rename: Callable[[str, str], str], section: str = "") -> dict[str, Any]:
    """Return settings with every path renamed by ``rename(setting, path)``."""
    changed: dict[str, Any] = {}
    for key, value in raw.items():
        setting = f"{section}.{key}".strip(".")
        if isinstance(value, Mapping):
            changed[key] = _rewritten(value, rename, setting)
        elif key not in FILE_SETTINGS and setting != "access.points":
            changed[key] = value
        else:
            changed[key] = [rename(setting, each) for each in value] if isinstance(value, list) else rename(setting, value)
    return changed


def _fault(path: _Path) -> str:
    """Say why no bundle can hold an input; empty if one can."""
    plain, said = path.text.removeprefix("zip://"), f"{path.setting} = '{path.text}'"
    if "://" in plain or plain.startswith("/vsi"):
        return f"{said} is no file of this machine, and a bundle holds files. Fetch it and give its path"
    if ".." in path.name.split("/"):
        return f"{said} has '..' after what is filled in or in an archive. Give the path without it"
    if plain.lower().endswith(".vrt"):
        return f"{said} refers to other files, which a bundle would lack. Make one file of them with gdal_translate"
    return ""


def _split(text: str, base: Path) -> tuple[str, str]:
    """Split a path at the end of the folder that holds all its files: before what is filled in, and before an archive."""
    plain = text.removeprefix("zip://")
    fixed = _BLANK.split(plain.partition("!")[0])[0]
    ends = [place.start() for place in re.finditer("/", fixed)]
    archives = (end for end in ends if (name := fixed[:end]).lower().endswith(".zip") and (base / name).expanduser().is_file())
    cut = fixed.rfind("/", 0, next(archives, len(fixed))) + 1
    return plain[:cut], plain[cut:]


def _in_bundle(raw: Mapping[str, Any], base: Path) -> tuple[dict[str, Any], list[_Path]]:
    """Return settings with the paths that they have in a bundle, and all these paths."""
    made, folders, paths = default_folder() / "made", dict[Path, int](), list[_Path]()

    def rename(setting: str, text: str) -> str:
        if Path(text).is_relative_to(made):
            name = f"cache/made/{Path(text).relative_to(made).as_posix()}"
        else:
            folder, rest = _split(text, base)
            number = folders.setdefault((base / Path(folder).expanduser()).resolve(), len(folders) + 1)
            name = f"inputs/{number}/{rest}"
        paths.append(_Path(setting, text, name))
        return name

    return _rewritten(raw, rename), paths


def _sources(settings: Settings, paths: Sequence[_Path], files: Sequence[str]) -> dict[str, _Source]:
    """Return what is packed, by its name in the bundle."""
    found: dict[str, _Source] = {}
    for file in files:
        address = locate(file, suffixes=suffixes_of(settings, file), base=settings.base)
        assert address.local is not None
        for path in paths:
            name = path.name_of(file)
            if not name:
                continue
            if address.member:
                name = re.sub(r"(\.zip)[!/].*", r"\1", name, count=1, flags=re.IGNORECASE)
            for packed, source in _with_companions(name, address.local):
                found.setdefault(packed, _Source(source)).asked_by.add(path.setting)
    return found


def _with_companions(name: str, path: Path) -> Iterator[tuple[str, Path]]:
    """Give a file, its origins, and what belongs to it by its format, each with its name in the bundle."""
    yield name, path
    origins = path.with_name(path.name + ORIGINS)
    if origins.is_file():
        yield name + ORIGINS, origins
    suffixes = BESIDE.get(path.suffix.lower(), ())
    for other in path.parent.iterdir() if suffixes else ():
        if other.stem == path.stem and other.suffix.lower() in suffixes:
            yield str(PurePosixPath(name).with_suffix(other.suffix)), other


@contextmanager
def _placed(target: Path) -> Iterator[zipfile.ZipFile]:
    """Give an archive to write into; it gets its name when all went well, and is gone when not."""
    part = target.with_name(target.name + ".part")
    try:
        with _writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(part, "w") as archive:
                yield archive
            part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn what the disk says into `OutputRefused`."""
    try:
        yield
    except OSError as error:
        raise OutputRefused(path, reason=error.strerror or error) from None


def _member(name: str, size_bytes: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _MADE_IN_1980)
    member.external_attr, member.file_size, member.create_system = _PLAIN_FILE, size_bytes, 3
    return member


def _add_text(archive: zipfile.ZipFile, name: str, text: str) -> PackedFile:
    content = text.encode()
    archive.writestr(_member(name, len(content)), content)
    return PackedFile(name, len(content), hashlib.sha256(content).hexdigest())


def _add_file(archive: zipfile.ZipFile, name: str, source: _Source) -> PackedFile:
    member = _member(name, source.path.stat().st_size)
    with source.path.open("rb") as stream, archive.open(member, "w") as packed:
        sha256, size_bytes = _copied(stream, packed)
    return PackedFile(name, size_bytes, sha256, tuple(sorted(source.asked_by)))


def _copied(source: IO[bytes], target: IO[bytes]) -> tuple[str, int]:
    """Copy a file; return the hash and the size of what was copied."""
    digest, size_bytes = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK_BYTES):
        digest.update(chunk)
        target.write(chunk)
        size_bytes += len(chunk)
    return digest.hexdigest(), size_bytes


def _manifest(archive: zipfile.ZipFile, bundle: Path) -> tuple[Fetching, list[PackedFile]]:
    """Return what became of a bundle's datasets, and its files.

    Raises
    ------
    WrongContent
        If it says nothing that can be read, or lists other files than it holds.
    """
    try:
        manifest = json.loads(archive.read(MANIFEST))
        number, files = manifest["format"], [PackedFile(**file) for file in manifest["files"]]
        brought = Fetching(Ledger(tuple(Entry(**entry) for entry in manifest["ledger"])), dict(manifest["reasons"]))
    except (KeyError, ValueError, TypeError):
        raise WrongContent(bundle, got=f"an archive without a {MANIFEST} that can be read", expected=EXPECTED) from None
    if number != FORMAT:
        raise WrongContent(bundle, got=f"a bundle of format {number}", expected=f"one of format {FORMAT}")
    names = [MANIFEST, *(file.name for file in files)]
    if sorted(names) != sorted(archive.namelist()) or SETTINGS not in names:
        raise WrongContent(bundle, got=f"other files than its {MANIFEST} lists", expected=EXPECTED)
    return brought, files


def _known_before(folder: Path) -> set[str]:
    """Return the names of the files that were laid out in a folder before.

    Raises
    ------
    OutputRefused
        If something else is in it.
    """
    if not folder.exists() or (folder.is_dir() and all(path.name == LOCK for path in folder.iterdir())):
        return set()
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        names = {str(file["name"]) for file in manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        raise OutputRefused(folder, reason=f"it is there already, and no {MANIFEST} says that a bundle is in it") from None
    return {name for name in names if (folder / name).resolve().is_relative_to(folder.resolve())}


def _lay_out(archive: zipfile.ZipFile, file: PackedFile, target: Path, bundle: Path) -> None:
    """Give a file its place unless it is there already.

    Raises
    ------
    WrongContent
        If it has other bytes than were packed; nothing is placed then.
    """
    if target.is_file() and target.stat().st_size == file.size_bytes and sha256_of(target) == file.sha256:
        return
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(file.name) as packed, part.open("wb") as stream:
            sha256, _ = _copied(packed, stream)
        if sha256 != file.sha256:
            raise WrongContent(bundle, got=f"other bytes in {file.name} than were packed", expected=EXPECTED)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)

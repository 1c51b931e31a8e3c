"""One class per cause a user can mend: what was found, what was expected, what to do."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches


def _some(items: Iterable[object], most: int = 5) -> str:
    listed = [str(item) for item in items]
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def _guess(word: str, known: Iterable[str]) -> str:
    known = list(known)
    close = get_close_matches(word, known, n=1)
    return f"Did you mean '{close[0]}'?" if close else f"Known: {', '.join(known)}."


class UrbanReviewError(Exception):
    """Root of everything a user can cause and mend."""


class MissingFile(UrbanReviewError):
    """A named input is not there."""

    def __init__(self, path: object, *, setting: str = "") -> None:
        where = f" (setting '{setting}')" if setting else ""
        super().__init__(f"File not found: {path}{where}. Check the path; relative paths start at the settings file.")


class UnreadableFile(UrbanReviewError):
    """An input is there, but is damaged or of another format."""

    def __init__(self, path: object, *, reason: object, expected: str) -> None:
        super().__init__(
            f"Cannot read {path}: expected {expected}, got '{reason}'. The file may be cut short or of another "
            f"format: fetch it again, or open it with gdalinfo to see what it is."
        )


class AmbiguousInput(UrbanReviewError):
    """An input holds several candidates and the settings name none."""

    def __init__(self, path: object, *, what: str, found: Sequence[object], cure: str) -> None:
        super().__init__(f"{path} holds {len(found)} {what} ({_some(found)}), expected one. {cure}")


class NotInInput(UrbanReviewError):
    """A column, layer, band or variable that the settings name is not in the file."""

    def __init__(self, path: object, *, what: str, name: object, found: Sequence[object]) -> None:
        super().__init__(f"{path} has no {what} '{name}'. {_guess(str(name), [str(item) for item in found])}")


class MissingCrs(UrbanReviewError):
    """Neither the file nor the settings say where the coordinates are."""

    def __init__(self, path: object) -> None:
        super().__init__(
            f'{path} names no coordinate reference system. Add crs = "EPSG:4326" (or the true one, such as '
            f'"ESRI:54009") to its section of the settings.'
        )


class UnknownCrs(UrbanReviewError):
    """A coordinate reference system that PROJ does not know."""

    def __init__(self, crs: object) -> None:
        super().__init__(f"Unknown coordinate reference system '{crs}': expected a code such as EPSG:4326 or ESRI:54009.")


class RotatedGrid(UrbanReviewError):
    """Rows of a raster do not run east."""

    def __init__(self, name: object, *, transform: object) -> None:
        super().__init__(
            f"Raster '{name}' is rotated or sheared: got transform {transform}, expected rows that run east. "
            f"Warp it first: gdalwarp in.tif out.tif"
        )


class CrossesAntimeridian(UrbanReviewError):
    """A raster in degrees runs over 180 degrees of longitude."""

    def __init__(self, name: object, *, west: float, east: float) -> None:
        super().__init__(
            f"Raster '{name}' crosses the antimeridian: it runs from {west:.4f} to {east:.4f} degrees, expected "
            f"-180 to 180. Cut it in two at 180, or warp it to a projection of the country."
        )


class NoOverlap(UrbanReviewError):
    """An input lies elsewhere than the country."""

    def __init__(self, name: object, *, got: Sequence[float], expected: Sequence[float]) -> None:
        found, wanted = (", ".join(f"{value:.3f}" for value in box) for box in (got, expected))
        super().__init__(
            f"'{name}' does not overlap the country: it covers ({found}), the country ({wanted}) as west, south, "
            f"east, north in degrees. Check that both are of the same country and that the CRS is right."
        )


class WrongUnits(UrbanReviewError):
    """A file states other units than its numbers are taken in."""

    def __init__(self, path: object, *, got: str, expected: str) -> None:
        super().__init__(
            f"{path} says that its numbers are in '{got}', expected {expected}. Bring them to {expected} first; if it is "
            f"the file's tag that is wrong, mend its units."
        )


class WrongYear(UrbanReviewError):
    """The name of a file speaks of another year."""

    def __init__(self, path: object, *, got: Sequence[int], expected: int) -> None:
        years = "year" if len(got) == 1 else "years"
        super().__init__(
            f"{path} has the {years} {_some(got)} in its name, expected {expected}. Give its section of the settings the years "
            f"that there are, or name the file after the year that it holds."
        )


class AllMissing(UrbanReviewError):
    """A raster has no value anywhere in the country."""

    def __init__(self, name: object, *, cells: int) -> None:
        super().__init__(
            f"Raster '{name}' has no value in the country: all of {cells} cells are missing. Check its nodata value, "
            f"its band and its extent."
        )


class GridMismatch(UrbanReviewError):
    """Two rasters do not share one grid."""

    def __init__(self, name: object, *, got: object, expected: object) -> None:
        super().__init__(
            f"Raster '{name}' is on another grid: got {got}, expected {expected}. "
            f"Bring it over with resample('{name}', to=...) first."
        )


class UndeclaredRaster(UrbanReviewError):
    """A raster does not say what its numbers are."""

    def __init__(self, name: object, *, got: object, expected: str) -> None:
        super().__init__(f"Raster '{name}' has {got}, expected {expected}. Say it with declare(raster, kind=…, units=…).")


class NoLand(UrbanReviewError):
    """A land layer without any land under the people."""

    def __init__(self, name: str, *, people: float) -> None:
        super().__init__(
            f"The land layer has no land on the grid of '{name}', where {people:,.0f} people live; expected m2 of land per "
            "cell. Give the right file or variable, or leave land out: every cell then counts as land."
        )


class ImplausibleFriction(UrbanReviewError):
    """Friction that cannot be in minutes per metre."""

    def __init__(self, name: str, *, median: float, expected: tuple[float, float], guess: str) -> None:
        super().__init__(
            f"Friction '{name}' has a median of {median:.4g}, expected {expected[0]:g} to {expected[1]:g} minutes per metre"
            f"{guess}. Bring it to minutes per metre first."
        )


class NothingPassable(UrbanReviewError):
    """A cost surface that nobody can travel on."""

    def __init__(self, name: str, *, cells: int) -> None:
        super().__init__(
            f"Friction '{name}' has no passable cell among {cells:,}: all are missing, zero or negative. "
            "Check the file, its nodata and the area that it covers."
        )


class ClassesWithoutSpeed(UrbanReviewError):
    """Land cover with classes that a table of speeds lacks."""

    def __init__(self, name: object, *, got: Mapping[str, int], known: Iterable[object]) -> None:
        found = _some(f"{code} ({cells:,} cells)" for code, cells in got.items())
        codes = ", ".join(str(code) for code in known)
        super().__init__(
            f"Land cover '{name}' has classes without a speed: {found}. Known: {codes}. "
            "Use the table of its own legend, or a copy of one with these classes added."
        )


class CellsTooLarge(UrbanReviewError):
    """A population grid is too coarse to find cities on."""

    def __init__(self, name: object, *, got_km2: float, limit_km2: float) -> None:
        super().__init__(
            f"Population '{name}' has cells of {got_km2:.2f} km2, expected at most {limit_km2:g} km2: the urban rules "
            f"are made for about 1 km. Use a 1 km or 30 arc-second grid, or name the settlements in [settlements]."
        )


class EmptyLayer(UrbanReviewError):
    """A vector layer has no usable feature."""

    def __init__(self, path: object, *, expected: str = "at least one polygon") -> None:
        super().__init__(f"{path} has no features to use, expected {expected}. Check the layer name and the file.")


class DuplicateIds(UrbanReviewError):
    """Two features claim one id."""

    def __init__(self, path: object, *, column: str, ids: Sequence[object]) -> None:
        super().__init__(
            f"{path}: column '{column}' has {len(ids)} duplicate ids ({_some(ids)}), expected one row each. Name a "
            f"column that is unique, or dissolve the features first."
        )


class MissingIds(UrbanReviewError):
    """Features without an id."""

    def __init__(self, path: object, *, column: str, rows: Sequence[int]) -> None:
        super().__init__(
            f"{path}: column '{column}' is empty in {len(rows)} rows ({_some(rows)}), expected an id in each. Fill it, "
            f"or name another column."
        )


class NotANumber(UrbanReviewError):
    """A column of numbers holds something else, or numbers that can be read in two ways."""

    def __init__(self, path: object, *, column: str, found: Sequence[object]) -> None:
        cells = "1 cell" if len(found) == 1 else f"{len(found)} cells"
        super().__init__(
            f"{path}: column '{column}' has {cells} that cannot be read ({_some(found)}), expected numbers of one style, such "
            f"as 1234.5, 1 234,5 or 1,234.5, or nothing. Mend them, or name another column."
        )


class SharesDoNotAddUp(UrbanReviewError):
    """A correspondence table loses or doubles part of a row."""

    def __init__(self, path: object, *, found: Mapping[str, float]) -> None:
        totals = _some(f"'{key}': {total:g} together" for key, total in found.items())
        super().__init__(
            f"{path}: shares of official rows are not parts of one ({totals}), expected shares from 0 to 1 that add up to 1 "
            f"for each row. Mend the column 'share'."
        )


class WrongGeometry(UrbanReviewError):
    """A layer of points where polygons are needed, or the other way round."""

    def __init__(self, path: object, *, got: str, expected: str) -> None:
        super().__init__(f"{path} holds {got}, expected {expected}. Name another layer or file, or take these features out.")


class UnknownName(UrbanReviewError):
    """A word outside a closed list: an edition, a kind, a unit."""

    def __init__(self, what: str, name: object, *, known: Iterable[str]) -> None:
        super().__init__(f"Unknown {what} '{name}'. {_guess(str(name), known)}")


class BadSetting(UrbanReviewError):
    """A setting that cannot be used."""

    def __init__(self, where: object, problems: Sequence[str]) -> None:
        super().__init__(f"{where}: {'; '.join(problems)}")


class OutputRefused(UrbanReviewError):
    """Results cannot be written where they should go."""

    def __init__(self, path: object, *, reason: object) -> None:
        super().__init__(
            f"Cannot write to {path}: {reason}. Name another folder in [output] folder = … or with --output, or free this one."
        )


class CannotFetch(UrbanReviewError):
    """A server does not give a file, or does not answer."""

    def __init__(self, address: str, *, reason: object) -> None:
        self.reason = str(reason)
        super().__init__(f"Cannot fetch {address}: {reason}. Check the connection and try again, or give the file as a path.")


class MissingDataset(UrbanReviewError):
    """A dataset that no review goes without could not be fetched."""

    def __init__(self, key: str, *, section: str, reason: str) -> None:
        super().__init__(
            f"[{section}] has no data, expected dataset '{key}': no review goes without. {reason} Give a file of your own as "
            f"its path."
        )


class WrongContent(UrbanReviewError):
    """What was fetched is not what the file should be."""

    def __init__(self, address: object, *, got: str, expected: str) -> None:
        super().__init__(
            f"{address} is not what it should be: got {got}, expected {expected}; it was not kept. Check the address, "
            f"try again later, or give the file as a path."
        )


class ChangedContent(UrbanReviewError):
    """A file has other bytes than when it was first fetched."""

    def __init__(self, address: object, *, got: str, expected: str, record: object) -> None:
        super().__init__(
            f"{address} has other bytes than when it was first fetched: got SHA-256 {got[:12]}…, expected "
            f"{expected[:12]}…; it was not kept. Check whether the provider replaced it; to take the new one, remove {record}."
        )


class UnsafeName(UrbanReviewError):
    """A name of a file that leads out of the folder it is meant for."""

    def __init__(self, name: object) -> None:
        super().__init__(
            f"'{name}' cannot be the name of a fetched file: expected plain names with slashes between folders, none of "
            f"them '..'. Check the server's index that it comes from."
        )


class NotInCache(UrbanReviewError):
    """Files are missing and nothing may be fetched."""

    def __init__(self, folder: object, names: Sequence[str]) -> None:
        self.names = tuple(names)
        files = "1 file is" if len(names) == 1 else f"{len(names)} files are"
        super().__init__(
            f"{files} not in the cache {folder}: {', '.join(names)}. Run once without --offline, or give a bundle made "
            f"on a machine with internet. Check that URBANREVIEW_CACHE names the folder you mean."
        )


class CacheRefused(UrbanReviewError):
    """Fetched files cannot be kept where they should go."""

    def __init__(self, folder: object, *, reason: object) -> None:
        super().__init__(
            f"Cannot write to the cache {folder}: {reason}. Give it space, or name another folder in URBANREVIEW_CACHE."
        )


class InvalidTable(UrbanReviewError):
    """A table of a review does not keep its contract."""

    def __init__(self, name: str, *, got: object, expected: str) -> None:
        super().__init__(f"Table '{name}' has {got}, expected {expected}. Mend the step that made it; nothing was written.")


class MissingExtra(UrbanReviewError):
    """An optional package is needed and absent."""

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs '{package}'. Run: pip install \"urbanreview[{extra}]\"")

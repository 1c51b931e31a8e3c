"""The year of a file: what its name says, and whether one file would stand for several years."""

import re
from pathlib import Path

from urbanreview.config import RasterInput
from urbanreview.errors import BadSetting, WrongYear
from urbanreview.sources import locate

_NUMBER = re.compile(r"([a-z]*)[_-]?(?<!\d)(\d+)(k?m(?![a-z0-9]))?", re.IGNORECASE)
_DATE = re.compile(r"((?:19|20)\d\d)((?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?)?")
_RELEASES = {"r", "v"}
_DATUMS = {"epsg", "wgs", "nad", "etrs"}


def years_in(name: str) -> list[int]:
    """Return the years that a file name holds, as a year or as the beginning of a date.

    Parameters
    ----------
    name : str
        Without folders. Releases (``R2023A``), codes of datums (``WGS_1984``) and lengths (``2000m``) are no years.

    Examples
    --------
    >>> years_in("GHS_POP_E2020_GLOBE_R2023A_54009_1000_V1_0.tif")
    [2020]
    >>> years_in("VNL_v2_npp_201204-201303_global_vcmcfg_c202102150000.average.tif"), years_in("SVDNB_npp_20160101.tif")
    ([2012, 2013], [2016])
    """
    found = []
    for match in _NUMBER.finditer(name):
        before, date = match[1].lower(), _DATE.fullmatch(match[2])
        release = before in _RELEASES and match.start(2) == match.end(1)
        if date and not match[3] and not release and before not in _DATUMS:
            found.append(int(date[1]))
    return list(dict.fromkeys(found))


def refuse_other_year(settings: RasterInput, path: str, *, year: int, base: Path) -> None:
    """Refuse a file without a time axis that cannot be of a year.

    Parameters
    ----------
    settings : RasterInput
        Its section.
    path : str
        Filled in.
    year : int
        Asked of it.
    base : Path
        Folder of the settings file.

    Raises
    ------
    BadSetting
        If the same file would stand for several years.
    WrongYear
        If its name, or that of the member of an archive, holds years and none is the one asked.
    """
    years = sorted(set(getattr(settings, "years", ())))
    if len(years) > 1 and "{year}" not in settings.path:
        listed = ", ".join(map(str, years))
        problem = f"one file without a time axis for {len(years)} years ({listed}). Give its path a {{year}}, or name one year"
        raise BadSetting(path, [problem])
    address = locate(path, base=base)
    found = years_in(Path(address.member or address.text.partition("?")[0]).name)
    if found and year not in found:
        raise WrongYear(address.text, got=found, expected=year)

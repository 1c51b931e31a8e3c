"""Open what the settings name, and remember it for the manifest."""

from pathlib import Path

import geopandas as gpd
import xarray as xr

from urbanreview.config import Boundaries, Country, Credit, RasterInput, Settings, Settlements
from urbanreview.errors import MissingFile
from urbanreview.grid import describe, geobox_of
from urbanreview.ledger import Ledger
from urbanreview.report import InputFile
from urbanreview.sources import fingerprint, locate, open_raster
from urbanreview.sources.address import VECTOR_SUFFIXES


def open_input(
    settings: RasterInput,
    *,
    name: str,
    kind: str,
    units: str,
    base: Path,
    within: gpd.GeoSeries,
    margin_km: float,
    year: int | None = None,
    month: int | None = None,
) -> tuple[xr.DataArray, Ledger, InputFile]:
    """Open one raster of a section.

    Parameters
    ----------
    settings : RasterInput
    name : str
        What the raster is called in the ledger and the manifest, such as ``built_up 2020``.
    kind, units : str
        What the section promises.
    base : Path
        Folder of the settings file.
    within : GeoSeries
        The country.
    margin_km : float
    year, month : int, optional
        Fill the path's ``{year}`` and ``{month}``.

    Returns
    -------
    raster : DataArray, dims (y, x)
    ledger : Ledger
    record : InputFile
    """
    path = fill_path(settings.path, year=year, month=month)
    periods_of_file = "time" if settings.variable and path == settings.path else None
    raster, ledger = open_raster(
        path,
        kind=kind,
        units=units,
        source=name,
        crs=settings.crs,
        nodata=settings.nodata,
        band=settings.band,
        variable=settings.variable,
        within=within,
        margin_km=margin_km,
        base=base,
    )
    if periods_of_file and "time" in raster.dims:
        raster = _pick_period(raster, path, year=year, month=month)
    return raster, ledger, raster_record(path, settings, raster, name=name, base=base)


def fill_path(template: str, *, year: int | None = None, month: int | None = None) -> str:
    """Fill year and month into a path; other braces stay as they are.

    >>> fill_path("lights/{year}-{month:02}.tif", year=2018, month=3)
    'lights/2018-03.tif'
    """
    filled = template
    for word, number in (("{year}", year), ("{month:02}", month), ("{month}", month)):
        if number is not None:
            filled = filled.replace(word, f"{number:02}" if word == "{month:02}" else str(number))
    return filled


def _pick_period(raster: xr.DataArray, path: str, *, year: int | None, month: int | None) -> xr.DataArray:
    wanted = f"{year}" if month is None else f"{year}-{month:02}"
    found = [str(period) for period in raster.time.values]
    if wanted not in found:
        missing = f"{path} at {wanted}"
        raise MissingFile(missing)
    return raster.isel(time=found.index(wanted), drop=True)


def raster_record(path: str, settings: Credit, raster: xr.DataArray, *, name: str, base: Path) -> InputFile:
    """Return the manifest's entry of a raster."""
    size, digest = fingerprint(locate(path, base=base))
    return InputFile(
        name=name,
        path=path,
        kind=str(raster.attrs["kind"]),
        units=str(raster.attrs["units"]),
        grid=describe(geobox_of(raster)),
        size_bytes=size,
        sha256=digest,
        licence=settings.licence,
        citation=settings.citation,
        modelled=settings.modelled or "modelled" in raster.attrs,
    )


def vector_record(
    path: str, settings: Boundaries | Settlements | Country, *, name: str, base: Path, features: int
) -> InputFile:
    """Return the manifest's entry of a vector file."""
    size, digest = fingerprint(locate(path, suffixes=VECTOR_SUFFIXES, base=base))
    credit = settings if isinstance(settings, Credit) else Credit()
    return InputFile(
        name=name,
        path=path,
        kind="vector",
        units="",
        grid=f"{features} features",
        size_bytes=size,
        sha256=digest,
        licence=credit.licence,
        citation=credit.citation,
        modelled=credit.modelled,
    )


def find_inputs(settings: Settings) -> list[tuple[str, str]]:
    """Look for every file that the settings name.

    Returns
    -------
    list of (str, str)
        What it is for, and its path. Remote addresses are listed without a look.

    Raises
    ------
    MissingFile, AmbiguousInput, UnreadableFile
        At the first that is not there.
    """
    vectors = [("boundaries", settings.boundaries.path)]
    if settings.country.outline:
        vectors.append(("outline", settings.country.outline))
    if settings.settlements:
        vectors.append(("settlements", settings.settlements.path))
    sections: dict[str, RasterInput | None] = {f"population.{name}": source for name, source in settings.population.items()}
    sections |= {"land": settings.land, "built_up": settings.built_up, "lights": settings.lights}
    rasters = [
        (name, fill_path(section.path, year=year))
        for name, section in sections.items()
        if section is not None
        for year in getattr(section, "years", [None])
        if "{month" not in section.path
    ]
    for _, path in vectors:
        locate(path, suffixes=VECTOR_SUFFIXES, base=settings.base)
    for _, path in rasters:
        locate(path, base=settings.base)
    return list(dict.fromkeys(vectors + rasters))

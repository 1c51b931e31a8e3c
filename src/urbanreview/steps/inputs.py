"""Open what the settings name, and remember it for the manifest."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import xarray as xr

from urbanreview.config import Country, Credit, RasterInput, Settings
from urbanreview.errors import MissingFile, MissingIds, NotInInput
from urbanreview.grid import describe, geobox_of
from urbanreview.ledger import Ledger
from urbanreview.report import InputFile, Origin
from urbanreview.sources import fingerprint, locate, open_features, open_raster
from urbanreview.sources.address import RASTER_SUFFIXES, VECTOR_SUFFIXES, Address
from urbanreview.sources.catalogue import dataset_of
from urbanreview.sources.datasets import origins_of
from urbanreview.steps.plausible import look_at_values
from urbanreview.steps.series_checks import product_in
from urbanreview.steps.years import refuse_other_year


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
    check_year: bool = True,
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
    check_year : bool
        Whether a file without a time axis must be of the year by its name, and of no other year of the section.

    Returns
    -------
    raster : DataArray, dims (y, x)
    ledger : Ledger
        What the file's reader says, and numbers that are odd: negative radiance, surfaces larger than their cell.
    record : InputFile

    Raises
    ------
    WrongYear, BadSetting
        See `refuse_other_year`; besides those of `open_raster`.
    """
    path = fill_path(settings.path, year=year, month=month)
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
    if "time" in raster.dims:
        raster = _pick_period(raster, path, year=year, month=month)
    elif year is not None and check_year:
        refuse_other_year(settings, path, year=year, base=base)
    return raster, ledger + look_at_values(raster, name=name), raster_record(path, settings, raster, name=name, base=base)


def open_points(
    path: str | Path, id_column: str | None = None, *, layer: str | None = None, base: Path | None = None
) -> tuple[gpd.GeoDataFrame, Ledger]:
    """Open features as points by id: others than points by a point inside them; those without a shape are counted and dropped.

    Raises
    ------
    NotInInput
        If there is no such column.
    MissingIds
        If an id is empty.
    """
    features = open_features(path, layer=layer, base=base)
    shaped = features.geometry.notna() & ~features.geometry.is_empty
    ledger = Ledger().add("points", f"feature without a shape in {Path(str(path)).name}", "feature", int((~shaped).sum()))
    features = features[shaped]
    if id_column is not None:
        if id_column not in features.columns:
            raise NotInInput(str(path), what="column", name=id_column, found=[str(name) for name in features.columns])
        ids = features[id_column]
        if ids.isna().any():
            raise MissingIds(str(path), column=id_column, rows=np.flatnonzero(ids.isna()).tolist())
        features = features.set_index(ids.astype(str).rename("id"))
    else:
        features = features.set_axis(features.index.astype(str).rename("id"))
    return features.set_geometry(features.geometry.representative_point()), ledger


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
    """Take the step of a date; a file with one step that was found by its date holds that date."""
    wanted = f"{year}" if month is None else f"{year}-{month:02}"
    found = [str(period) for period in raster.time.values]
    if len(found) == 1 and found[0][:4] == f"{year}":
        return raster.isel(time=0, drop=True)
    if wanted not in found:
        missing = f"{path} at {wanted}"
        raise MissingFile(missing)
    return raster.isel(time=found.index(wanted), drop=True)


def raster_record(path: str, settings: Credit, raster: xr.DataArray, *, name: str, base: Path) -> InputFile:
    """Return the manifest's entry of a raster."""
    return input_record(
        locate(path, base=base),
        settings,
        name=name,
        kind=str(raster.attrs["kind"]),
        units=str(raster.attrs["units"]),
        grid=describe(geobox_of(raster)),
        modelled="modelled" in raster.attrs,
        product=str(raster.attrs.get("product") or product_in(Path(path).name)),
    )


def vector_record(path: str, settings: Credit | Country, *, name: str, base: Path, features: int) -> InputFile:
    """Return the manifest's entry of a vector file."""
    address = locate(path, suffixes=VECTOR_SUFFIXES, base=base)
    credit = settings if isinstance(settings, Credit) else Credit()
    return input_record(address, credit, name=name, kind="vector", grid=f"{features} features")


def table_record(path: str, settings: Credit, *, name: str, base: Path, rows: int) -> InputFile:
    """Return the manifest's entry of a table."""
    address = locate(path, suffixes=(".csv",), base=base)
    return input_record(address, settings, name=name, kind="table", grid=f"{rows} rows")


def input_record(
    address: Address,
    credit: Credit,
    *,
    name: str,
    kind: str,
    grid: str,
    units: str = "",
    modelled: bool = False,
    product: str = "",
) -> InputFile:
    """Return the manifest's entry of an input: what it is, its size and hash, its credit, and where it was fetched from."""
    size, digest = fingerprint(address)
    origins = [] if address.local is None else origins_of(address.local)
    return InputFile(
        name=name,
        path=address.text,
        kind=kind,
        units=units,
        grid=grid,
        size_bytes=size,
        sha256=digest,
        licence=credit.licence,
        citation=credit.citation,
        modelled=credit.modelled or modelled,
        product=product,
        dataset=credit.dataset or "",
        version=dataset_of(credit.dataset).version if credit.dataset else "",
        origins=tuple(Origin(**each) for each in origins),
    )


def suffixes_of(settings: Settings, file: str) -> tuple[str, ...]:
    """Return what is looked for where an input is an archive: a raster, a vector file or a table."""
    given, access, lights = settings.settlements, settings.access, settings.lights
    vectors = {settings.boundaries.path, settings.country.outline, given and given.path, access and access.points}
    vectors |= {lights.flares.path if lights and lights.flares else None}
    vectors |= {each.path for each in settings.zones.values()} | {each.path for each in settings.crosswalk.values()}
    tables = {settings.naming.names, *(each.path for each in settings.official.values())}
    tables |= {each.correspondence for each in settings.official.values()}
    if settings.city_list is not None:
        (tables if settings.city_list.path.lower().endswith(".csv") else vectors).add(settings.city_list.path)
    if file == settings.naming.alternate_names:
        return (".txt",)
    return VECTOR_SUFFIXES if file in vectors else (".csv",) if file in tables else RASTER_SUFFIXES


def light_dates(settings: Settings) -> list[tuple[int, int | None]]:
    """List the dates of the night lights that have a file: years, or years and months.

    Raises
    ------
    MissingFile
        If the path has a month and no month of any year has a file.
    """
    section = settings.lights
    if section is None:
        return []
    if not section.monthly:
        return [(year, None) for year in section.years]
    dates: list[tuple[int, int | None]] = [
        (year, month) for year in section.years for month in section.months if _month_is_there(settings, year, month)
    ]
    if not dates:
        raise MissingFile(section.path, setting="[lights] path")
    return dates


def missing_dates(settings: Settings) -> list[str]:
    """List the months of the night lights, such as ``lights 2016-10``, that have no file."""
    section = settings.lights
    if section is None or not section.monthly:
        return []
    found = set(light_dates(settings))
    wanted = [(year, month) for year in section.years for month in section.months]
    return [f"lights {year}-{month:02}" for year, month in wanted if (year, month) not in found]


def _month_is_there(settings: Settings, year: int, month: int) -> bool:
    assert settings.lights is not None
    try:
        locate(fill_path(settings.lights.path, year=year, month=month), base=settings.base)
    except MissingFile:
        return False
    return True

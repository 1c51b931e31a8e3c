"""Luxembourg, made up, as open servers hold it: the documented names, formats and codes of missing values.

Every raster is drawn once, as a plain file in the folder ``plain``; what is served is made of those: put into tiles, zips and
keys of a bucket. A review of the plain files must not differ from one of what was fetched.
"""

import gzip
import json
import zipfile
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import pyproj
import rasterio
import rasterio.shutil
import shapely
import xarray as xr
from affine import Affine
from fetching.wcs import PATH as COVERAGE_PATH
from fetching.wcs import coverage
from rasterio.windows import Window
from shapely.geometry import box

from urbanreview.sources.catalogue import catalogue, hosts
from urbanreview.sources.outlines import outline_of

ISO3 = "LUX"
CITIES = {"Luxembourg": (6.1327, 49.6098, 4.0, 3000.0), "Esch-sur-Alzette": (5.9806, 49.4958, 3.2, 2600.0),
          "Ettelbruck": (6.1042, 49.8475, 1.5, 900.0)}  # fmt: skip
"""Longitude, latitude [degrees], radius [km], people per km2: two centres and a town."""
EPOCHS = (2010, 2020)
LIGHT_YEARS, LIGHT_MONTHS = (2023, 2024), (9, 10)
CLIMATE_YEARS = (2019, 2020)
RETURN_PERIODS = (10, 100)
REGION = (5.0, 48.5, 7.0, 51.0)
"""West, south, east, north of what is drawn in degrees; the country and its margin lie inside."""
GHSL_TILE = "R4_C19"
GHSL_GRID = Affine(1000, 0, -18_041_000 + 18 * 1_000_000, 0, -1000, 9_000_000 - 3 * 1_000_000)
TILE_CELLS = 1000
GHSL_WINDOW = Window(340, 0, 240, 260)
"""Columns and rows of the tile that are drawn: all around the country."""
COMMIT = "9469f09ca9d8"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 48213\n"
RENAMED = (2024, 10)
"""The month whose mask is ecmslcfg in the bucket."""
BUCKETS = ("globalnightlight", "satpm")
"""Hosts that are buckets."""
OTHERS = box(7.5, 49.5, 8.5, 50.5)
"""Of the country beside, in files of the whole world."""


@dataclass(frozen=True)
class World:
    """Where the country is written.

    Attributes
    ----------
    folder : Path
    answers : dict
        What services answer, by path of a server: a function of the query's words.
    """

    folder: Path
    answers: dict[str, Callable[[dict[str, list[str]]], bytes]] = field(default_factory=dict)

    @property
    def plain(self) -> Path:
        """Rasters and boundaries as anyone would keep them."""
        return self.folder / "plain"

    @property
    def served(self) -> Path:
        """Files by host and path."""
        return self.folder / "served"

    def place(self, dataset: str, /, *, mirror: bool = False, **words: object) -> Path:
        """Return where a dataset's file is served, by the catalogue's own address; its folder is made."""
        template = catalogue()[dataset].mirror if mirror else catalogue()[dataset].address
        named = {host: host for host in hosts()}
        path = self.served / template.format(**named, **words)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def index(self, key: str, **words: object) -> str:
        """Return the path of a dataset's index on a server, without its query."""
        named = {host: host for host in hosts()}
        return urlsplit(catalogue()[key].index.format(**named, **words)).path

    def objects(self) -> dict[str, dict[str, Path]]:
        """Return files by key of every host that is a bucket."""
        folders = {host: self.served / host for host in BUCKETS}
        return {
            host: {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
            for host, folder in folders.items()
        }


def write(folder: Path) -> World:
    """Draw the country and put it where servers look for it."""
    world = World(folder)
    (world.plain).mkdir(parents=True)
    for theme in (_boundaries, _ghsl, _worldpop, _lights, _floods, _rain, _temperature, _dust, _friction):
        theme(world)
    return world


def write_others(world: World) -> None:
    """Add what the remaining providers offer."""
    for theme in (_natural_earth, _world_bank, _cod_ab, _mosaic_of_people, _aqueduct, _terraclimate, _flares, _names):
        theme(world)


def districts() -> dict[str, gpd.GeoDataFrame]:
    """Return the units of both levels: the rough outline of the country, cut by straight lines."""
    outline = outline_of(ISO3).iloc[0]
    north, south = box(5, 49.75, 7, 51), box(5, 48, 7, 49.75)
    upper = {"Oesling": north, "Gutland": south}
    lower = {"Clervaux": north, "Esch": south & box(5, 48, 6.06, 51), "Remich": south & box(6.06, 48, 7, 51)}
    found = {}
    for level, shapes in (("ADM1", upper), ("ADM2", lower)):
        names = list(shapes)
        columns = {"shapeName": names, "shapeISO": "", "shapeID": [f"{number}B{level}" for number in range(len(names))],
                   "shapeGroup": ISO3, "shapeType": level}  # fmt: skip
        found[level] = gpd.GeoDataFrame(columns, geometry=[outline & shape for shape in shapes.values()], crs=4326)
    return found


def density(longitude: np.ndarray, latitude: np.ndarray, year: int = 2020) -> np.ndarray:
    """Return people per km2: a plain that rises to the north-east, and round cities; a hundredth less per year before 2020."""
    found = 10.0 + 3.0 * (longitude - 5.0) + 2.0 * (latitude - 49.0)
    for east, north, radius_km, people in CITIES.values():
        _, _, metres = pyproj.Geod(ellps="WGS84").inv(
            longitude, latitude, np.full_like(longitude, east), np.full_like(latitude, north)
        )
        found = np.where(metres < radius_km * 1000, people, found)
    return found * (1.0 - 0.01 * (2020 - year))


def _tif(path: Path, cells: np.ndarray, transform: Affine, *, nodata: float | None = None, cloud: bool = False, **more) -> Path:
    """Write a GeoTIFF, in the layout of the cloud if told so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {"driver": "GTiff", "count": 1, "height": cells.shape[0], "width": cells.shape[1], "dtype": cells.dtype.name,
               "crs": "EPSG:4326", "transform": transform, "nodata": nodata, "compress": "deflate", "zlevel": 1}  # fmt: skip
    draft = path.with_suffix(".draft") if cloud else path
    with rasterio.open(draft, "w", **(profile | more)) as file:
        file.write(cells, 1)
    if cloud:
        rasterio.shutil.copy(draft, path, driver="COG", compress="deflate", overviews="none", blocksize=256)
        draft.unlink()
    return path


def _degrees(step: float, bounds: tuple[float, float, float, float] = REGION) -> tuple[Affine, np.ndarray, np.ndarray]:
    """Return a grid in degrees, and longitudes and latitudes of its cells."""
    west, south, east, north = bounds
    cols, rows = round((east - west) / step), round((north - south) / step)
    longitude, latitude = np.meshgrid(west + (np.arange(cols) + 0.5) * step, north - (np.arange(rows) + 0.5) * step)
    return Affine(step, 0, west, 0, -step, north), longitude, latitude


def _put(path: Path, content: bytes | Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.read_bytes())


def _zip(path: Path, members: dict[str, bytes | Path]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, bytes) else content.read_bytes())


def _boundaries(world: World) -> None:
    """geoBoundaries: an index per level, files behind Git LFS: the first address of the second level gives a pointer."""
    levels = districts()
    parents = ["Oesling", "Gutland", "Gutland"]
    plain = levels["ADM2"].rename(columns={"shapeID": "id", "shapeName": "name"}).assign(parent=parents, year=2019)
    plain[["id", "name", "parent", "year", "geometry"]].to_file(world.plain / "districts.gpkg", layer="units", driver="GPKG")
    for level, units in enumerate(levels.values(), start=1):
        words = {"iso3": ISO3, "level": level}
        template = catalogue()["geoboundaries"].address
        address = template.format(**hosts(), **words, commit=COMMIT)
        told = {"boundaryID": f"{ISO3}-ADM{level}-1", "boundaryYearRepresented": "2019", "admUnitCount": str(len(units)),
                "boundarySource": "made up", "boundaryLicense": "Open Data Commons Open Database License 1.0",
                "gjDownloadURL": address}  # fmt: skip
        world.answers[world.index("geoboundaries", **words)] = partial(_same, json.dumps(told).encode())
        first = world.place("geoboundaries", **words, commit=COMMIT)
        released = world.place("geoboundaries", mirror=True, **words, commit=COMMIT) if level == 2 else first
        units.to_file(released, driver="GeoJSON")
        if level == 2:
            first.write_bytes(POINTER)


def _same(content: bytes, _query: dict[str, list[str]]) -> bytes:
    return content


def _ghsl(world: World) -> None:
    """Population, built-up surface and land: a tile of 1,000 km in a zip with its paper."""
    rows, cols = np.mgrid[0 : int(GHSL_WINDOW.height), 0 : int(GHSL_WINDOW.width)]
    x, y = GHSL_GRID * (cols + GHSL_WINDOW.col_off + 0.5, rows + GHSL_WINDOW.row_off + 0.5)
    longitude, latitude = pyproj.Transformer.from_crs("ESRI:54009", 4326, always_xy=True).transform(x, y)
    for year in EPOCHS:
        people = density(longitude, latitude, year)
        built = np.minimum(people * 60, 1e6).astype("uint32")
        _tile(world, "ghs-pop-r2023a", f"people_{year}.tif", people, -200.0, year=year)
        _tile(world, "ghs-built-s-r2023a", f"built_{year}.tif", built, 4294967295, year=year)
    land = np.where(abs(longitude - 5.9) < 0.01, 400_000, 1_000_000).astype("uint32")
    _tile(world, "ghs-land-r2022a", "land.tif", land, 4294967295, year=2018)


def _tile(world: World, key: str, plain: str, cells: np.ndarray, nodata: float, *, year: int) -> None:
    """Write a part of a tile; the rest is nodata that takes no room."""
    path = world.plain / plain
    profile = {"driver": "GTiff", "count": 1, "height": TILE_CELLS, "width": TILE_CELLS, "dtype": cells.dtype.name,
               "crs": "ESRI:54009", "transform": GHSL_GRID, "nodata": nodata, "compress": "deflate", "zlevel": 1,
               "tiled": True, "sparse_ok": True}  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(cells, 1, window=GHSL_WINDOW)
    row, column = (part[1:] for part in GHSL_TILE.split("_"))
    served = world.place(key, year=year, row=row, column=column)
    _zip(served, {f"{served.stem}.tif": path, "GHSL_Data_Package_2023.pdf": b"%PDF-1.7 words"})


def _people_in_degrees() -> tuple[Affine, np.ndarray]:
    """People per cell of 30 arc-seconds; none is known in a corner."""
    transform, longitude, latitude = _degrees(1 / 120)
    cell_km2 = (1 / 120 * 111.2) ** 2 * np.cos(np.radians(latitude))
    people = (density(longitude, latitude) * cell_km2 * 1.02).astype("float32")
    people[:40, :40] = -99999
    return transform, people


def _worldpop(world: World) -> None:
    transform, people = _people_in_degrees()
    path = _tif(world.plain / "worldpop_2020.tif", people, transform, nodata=-99999, tiled=True)
    _put(world.place("worldpop-r2025a", year=2020, iso3=ISO3, iso3_lower=ISO3.lower()), path)


def _lights(world: World) -> None:
    """Monthly composites in the bucket, with the count of nights; codes of missing light carry no tag."""
    transform, longitude, latitude = _degrees(1 / 240)
    bright = density(longitude, latitude) / 150
    for year, month in ((year, month) for year in LIGHT_YEARS for month in LIGHT_MONTHS):
        light = (bright * (1 + 0.1 * (year - 2023) + 0.01 * month)).astype("float32")
        light[100, 100:110], light[101, 100] = -1.5, -999.3
        nights = np.full(light.shape, 9, "uint16")
        nights[330:334, 280:284] = 0
        mask = "ecmslcfg" if (year, month) == RENAMED else "ecm-slcorr"
        stem = light_key(f"{year}-{month:02}", mask)
        for name, ending, cells in (("lights", ".avg_rade9.tif", light), ("nights", ".n_cf.tif", nights)):
            path = _tif(world.plain / name / f"{year}-{month:02}.tif", cells, transform, cloud=True)
            _put(world.place("light-every-night", key=stem + ending), path)


def light_key(period: str, mask: str = "ecm-slcorr", series: str = "ops") -> str:
    """Return the key of a month's composite without its ending."""
    year, month = map(int, period.split("-"))
    days = f"{year}{month:02}01-{year}{month:02}{monthrange(year, month)[1]}"
    return f"composites/npp_{year}{month:02}_{series}/DNB_npp_{days}_global_{mask}_v10_{series}"


def flood_index() -> dict[tuple[int, int], tuple[int, str]]:
    """Return id and name of the tiles of the world, by west and north [degrees]: ids go west to east, north first."""
    corners = [(west, north) for north in range(80, -60, -10) for west in range(-180, 180, 10)]
    names = [f"{'N' if north >= 0 else 'S'}{abs(north)}_{'E' if west >= 0 else 'W'}{abs(west)}" for west, north in corners]
    return {corner: (number, name) for number, (corner, name) in enumerate(zip(corners, names, strict=True), start=1)}


def flood_index_json() -> bytes:
    """Return the index of flood tiles as it is published."""
    features = [
        {"type": "Feature", "properties": {"id": number, "name": name},
         "geometry": shapely.geometry.mapping(box(west, north - 10, west + 10, north))}
        for (west, north), (number, name) in flood_index().items()
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _floods(world: World) -> None:
    """Depths along a river, and water that is always there, in two tiles of ten degrees."""
    key, water_key = "jrc-flood-v2.1.2", "jrc-flood-v2.1.2-permanent-water"
    world.answers[world.index(key)] = partial(_same, flood_index_json())
    bounds = (5.5, 49.25, 6.75, 50.5)
    transform, longitude, _ = _degrees(1 / 1200, bounds)
    for period, width, depth in ((10, 0.01, 0.8), (100, 0.03, 2.5)):
        cells = np.where(abs(longitude - 6.13) < width, np.float32(depth), np.float32(-9999))
        _tif(world.plain / f"rp{period}.tif", cells, transform, nodata=-9999, tiled=True)
        _tiles(world, key, cells, nodata=-9999, return_period=period)
    water = (abs(longitude - 6.4) < 0.004).astype("uint8")
    _tif(world.plain / "permanent_water.tif", water, transform, tiled=True)
    _tiles(world, water_key, water, nodata=None)


def _tiles(world: World, key: str, cells: np.ndarray, *, nodata: float | None, **words: object) -> None:
    """Cut cells that begin at 5.5 degrees east and 50.5 north into the tiles that they lie in."""
    side, left, above = 12_000, round(5.5 * 1200), round(0.5 * 1200)
    for north, part, row in ((60, cells[:above], side - above), (50, cells[above:], 0)):
        number, name = flood_index()[(0, north)]
        profile = {"driver": "GTiff", "count": 1, "height": side, "width": side, "dtype": cells.dtype.name,
                   "crs": "EPSG:4326", "transform": Affine(1 / 1200, 0, 0, 0, -1 / 1200, north), "nodata": nodata,
                   "compress": "deflate", "zlevel": 1, "tiled": True, "sparse_ok": True}  # fmt: skip
        with rasterio.open(world.place(key, id=number, name=name, **words), "w", **profile) as file:
            file.write(part, 1, window=Window(left, row, part.shape[1], part.shape[0]))


def _rain(world: World) -> None:
    """CHIRPS: a COG per month whose fill value has no tag."""
    transform, longitude, latitude = _degrees(0.05, (0, 45, 10, 55))
    for year, month in ((year, month) for year in CLIMATE_YEARS for month in range(1, 13)):
        rain = (60 + 10 * np.sin(month) + (latitude - 49) * 5 + (longitude - 6) + (year - 2019)).astype("float32")
        rain[:10] = -9999
        path = _tif(world.plain / "rain" / f"{year}-{month:02}.tif", rain, transform, cloud=True)
        _put(world.place("chirps-v3.0", year=year, month=month), path)


def _temperature(world: World) -> None:
    """CRU TS: the world by half degrees, south first, all months in one file, packed; the sea is a fill value."""
    latitude, longitude = np.arange(-89.75, 90, 0.5), np.arange(-179.75, 180, 0.5)
    months = [f"{year}-{month:02}-16" for year in CLIMATE_YEARS for month in range(1, 13)]
    warmth = 25 - abs(latitude) * 0.3 - 8 * np.cos(2 * np.pi * np.arange(len(months)) / 12)[:, None]
    values = np.repeat(warmth[:, :, None].astype("float32"), longitude.size, axis=2)
    values[:, :, :300] = 9.96921e36
    attrs = {"units": "degrees Celsius", "long_name": "near-surface temperature"}
    time = np.array(months, "datetime64[ns]")
    dataset = xr.Dataset({"tmp": (("time", "lat", "lon"), values, attrs)}, {"time": time, "lat": latitude, "lon": longitude})
    encoding = {"tmp": {"_FillValue": np.float32(9.96921e36), "zlib": True, "complevel": 1},
                "time": {"units": "days since 1900-1-1", "dtype": "int32"}}  # fmt: skip
    path = world.plain / "tmp.nc"
    dataset.to_netcdf(path, engine="h5netcdf", encoding=encoding)
    _put(world.place("cru-ts-4.10-tmp"), gzip.compress(path.read_bytes(), 1))


def _dust(world: World) -> None:
    """SatPM2.5: a file per year whose code of missing values has no tag."""
    latitude, longitude = np.arange(45.05, 55, 0.1), np.arange(0.05, 10, 0.1)
    for year in EPOCHS:
        dust = (9 + latitude[:, None] * 0.05 + longitude * 0.1 - (year - 2010) * 0.2).astype("float32")
        dust[:5] = -999
        fields = {"PM25": (("lat", "lon"), dust, {"units": "ug/m3", "long_name": "Fine Particulate Matter"})}
        path = world.plain / f"pm25_{year}.nc"
        dataset = xr.Dataset(fields, {"lat": latitude, "lon": longitude})
        dataset.to_netcdf(path, engine="h5netcdf", encoding={"PM25": {"_FillValue": None, "zlib": True}})
        _put(world.place("satpm25-v6gl03", year=year), path)


def _friction(world: World) -> None:
    transform, longitude, latitude = _degrees(1 / 120)
    roads = (abs(longitude - 6.13) < 0.01) | (abs(latitude - 49.5) < 0.01)
    cells = np.where(roads, 0.0008, 0.012 + 0.001 * (latitude - 49)).astype("float32")
    path = _tif(world.plain / "friction.tif", cells, transform, nodata=-9999)
    name = "Accessibility__202001_Global_Motorized_Friction_Surface"
    world.answers[f"malariaatlas/{COVERAGE_PATH}"] = coverage(path, name)


def _shapefile(folder: Path, name: str, units: gpd.GeoDataFrame) -> dict[str, bytes | Path]:
    """Write a shapefile and return its files by name, for a zip."""
    folder.mkdir(parents=True, exist_ok=True)
    units.to_file(folder / f"{name}.shp", encoding="utf-8")
    return {path.name: path for path in sorted(folder.glob(f"{name}.*"))}


def _natural_earth(world: World) -> None:
    """States and provinces of the world in one zip; the first host has none of it."""
    units = districts()["ADM2"]
    columns = {"adm0_a3": [*[ISO3] * len(units), "DEU"], "name": [*units["shapeName"], "Pfalz"]}
    columns["adm1_code"] = [f"{code}-{number}" for number, code in enumerate(columns["adm0_a3"])]
    layer = gpd.GeoDataFrame(columns, geometry=[*units.geometry, OTHERS], crs=4326)
    served = world.place("natural-earth-admin1", mirror=True)
    _zip(served, _shapefile(world.folder / "drafts", served.stem, layer))


def _world_bank(world: World) -> None:
    """A feature service that counts, then gives pages."""
    for level, layer in ((1, 2), (2, 3)):
        units = districts()[f"ADM{level}"].rename(columns={"shapeID": f"ADM{level}CD_c", "shapeName": f"NAM_{level}"})
        if level > 1:
            units["NAM_1"] = ["Oesling", "Gutland", "Gutland"]
        path = world.index("world-bank-boundaries", iso3=ISO3, layer=layer)
        world.answers[path] = partial(_features, units.assign(ISO_A3=ISO3))


def _features(units: gpd.GeoDataFrame, query: dict[str, list[str]]) -> bytes:
    if query["where"] != [f"ISO_A3='{ISO3}'"]:
        units = units[:0]
    if query.get("returnCountOnly") == ["true"]:
        return json.dumps({"count": len(units)}).encode()
    begin, count = int(query["resultOffset"][0]), int(query["resultRecordCount"][0])
    return units[begin : begin + count].to_json().encode()


def _cod_ab(world: World) -> None:
    """An index of resources that names a zip of shapefiles, a layer per level."""
    words = {"dataset": "6f1b9c2e-lux", "resource": "0a9d-shp", "file": "lux_adm_2020_shp.zip"}
    address = catalogue()["cod-ab"].address.format(**hosts(), **words)
    told = {"license_title": "Creative Commons Attribution for Intergovernmental Organisations", "dataset_source": "made up"}
    told |= {"dataset_date": "[2020-01-01T00:00:00 TO 2020-12-31T23:59:59]"}
    told |= {"resources": [{"format": "XLSX", "url": "list.xlsx"}, {"format": "SHP", "size": 4000, "download_url": address}]}
    world.answers[world.index("cod-ab", iso3_lower=ISO3.lower())] = partial(_same, json.dumps({"result": told}).encode())
    members: dict[str, bytes | Path] = {}
    for level in (1, 2):
        units = districts()[f"ADM{level}"][["shapeName", "shapeID", "geometry"]]
        units = units.rename(columns={"shapeName": f"ADM{level}_EN", "shapeID": f"ADM{level}_PCODE"})
        if level > 1:
            units["ADM1_EN"] = ["Oesling", "Gutland", "Gutland"]
            units["ADM1_PCODE"] = ["0BADM1", "1BADM1", "1BADM1"]
        members |= _shapefile(world.folder / "drafts", f"lux_admbnda_adm{level}_2020", units)
    _zip(world.place("cod-ab", **words), members)


def _mosaic_of_people(world: World) -> None:
    """WorldPop's mosaic of the world, as far as it is drawn: read by window."""
    transform, people = _people_in_degrees()
    _tif(world.place("worldpop-2000-2020", year=2020), people, transform, nodata=-99999, tiled=True)


def _aqueduct(world: World) -> None:
    transform, longitude, _ = _degrees(1 / 120)
    cells = np.where(abs(longitude - 6.13) < 0.03, np.float32(2.5), np.float32(0))
    _tif(world.place("aqueduct-floods-v2", return_period=100), cells, transform, nodata=-9999, tiled=True)


def _terraclimate(world: World) -> None:
    """A packed file per year and variable."""
    latitude, longitude = np.arange(52, 47, -1 / 24), np.arange(4, 8, 1 / 24)
    time = np.array([f"2020-{month:02}-01" for month in range(1, 13)], "datetime64[ns]")
    for key, variable, units in (("terraclimate-ppt", "ppt", "mm"), ("terraclimate-tmax", "tmax", "degC")):
        values = (20 + np.arange(12)[:, None, None] + 0 * latitude[:, None] + longitude * 0.5).astype("float32")
        fields = {variable: (("time", "lat", "lon"), values, {"units": units})}
        packing = {"dtype": "int16", "scale_factor": 0.1, "_FillValue": np.int16(-32768), "zlib": True}
        dataset = xr.Dataset(fields, {"time": time, "lat": latitude, "lon": longitude})
        path = world.place(key, year=2020)
        dataset.to_netcdf(path, engine="h5netcdf", encoding={variable: packing})


def _flares(world: World) -> None:
    marks = "".join(
        f"<Placemark><name>FL-{number}</name><Point><coordinates>{place},0</coordinates></Point></Placemark>"
        for number, place in enumerate(("6.1327,49.6098", "53.2,46.9"))
    )
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    )
    _put(world.place("eog-gas-flares"), text.encode())


def _names(world: World) -> None:
    lines = ["1\t2960316\tde\tLuxemburg\t1\t\t\t\t\t", "2\t2960316\tlb\tLëtzebuerg\t1\t\t\t\t\t",
             "3\t2960596\tde\tEsch an der Alzette\t1\t\t\t\t\t"]  # fmt: skip
    table = "".join(f"{line}\n" for line in lines).encode()
    _zip(world.place("geonames-alternate", iso2="LU"), {"readme.txt": b"words", "LU.txt": table})

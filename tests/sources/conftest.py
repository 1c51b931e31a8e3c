"""Small files of every sort, written where a test can damage them, and a web server to ask for them."""

import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine
from shapely.geometry import box

DEGREES = Affine(0.5, 0, 66.0, 0, -0.5, 48.0)
"""Half a degree per cell, upper left in Kazakhstan: the grid of every test file that does not say otherwise."""
SHAPE = (6, 8)


def lopsided(shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """Numbers that no turn or mirror maps onto themselves: row times 100 plus column plus 1."""
    rows, cols = shape
    return np.arange(rows)[:, None] * 100.0 + np.arange(cols) + 1.0


@pytest.fixture
def values() -> np.ndarray:
    return lopsided()


@pytest.fixture
def write_tif(tmp_path: Path) -> Callable[..., Path]:
    """Write a GeoTIFF: `values` of shape (rows, cols) or (bands, rows, cols)."""

    def write(values: np.ndarray, name: str = "cells.tif", *, tags=None, scale=None, offset=None, **profile) -> Path:
        bands = np.asarray(values)[np.newaxis] if np.ndim(values) == 2 else np.asarray(values)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = {"count": bands.shape[0], "height": bands.shape[1], "width": bands.shape[2]}
        known = {"dtype": bands.dtype.name, "crs": "EPSG:4326", "transform": DEGREES}
        with rasterio.open(path, "w", driver="GTiff", **(shape | known | profile)) as file:
            file.write(bands.astype(file.dtypes[0]))
            file.update_tags(**(tags or {}))
            if scale is not None:
                file.scales = (scale,) * file.count
            if offset is not None:
                file.offsets = (offset,) * file.count
        return path

    return write


@pytest.fixture
def write_nc(tmp_path: Path) -> Callable[..., Path]:
    """Write one variable on latitude and longitude as NetCDF; `axes` are further coordinates before them, in order."""

    def write(
        values: np.ndarray,
        name: str = "cells.nc",
        *,
        latitude: np.ndarray | None = None,
        longitude: np.ndarray | None = None,
        names: tuple[str, str] = ("lat", "lon"),
        axes: dict | None = None,
        variable: str = "pre",
        attrs: dict | None = None,
        encoding: dict | None = None,
        more: dict | None = None,
        **how,
    ) -> Path:
        rows, cols = values.shape[-2:]
        y, x = names
        coords = dict(axes or {})
        coords[y] = np.arange(rows) * -0.5 + 47.75 if latitude is None else latitude
        coords[x] = np.arange(cols) * 0.5 + 66.25 if longitude is None else longitude
        dims = (*(axes or {}), y, x)
        dataset = xr.Dataset({variable: (dims, values, attrs or {})}, coords=coords).assign(more or {})
        path = tmp_path / name
        dataset.to_netcdf(path, **({"engine": "h5netcdf"} | how), encoding={variable: encoding or {}})
        return path

    return write


@pytest.fixture
def write_zip(tmp_path: Path) -> Callable[..., Path]:
    """Write an archive of files that are there: member name to path or bytes."""

    def write(members: dict[str, Path | bytes], name: str = "cells.zip") -> Path:
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content if isinstance(content, bytes) else content.read_bytes())
        return tmp_path / name

    return write


@pytest.fixture
def country() -> gpd.GeoSeries:
    """Three by two cells off the middle of the test grid: rows 1 and 2, columns 3 to 5."""
    return gpd.GeoSeries([box(67.5, 46.5, 69.0, 47.5)], crs=4326)


@pytest.fixture
def elsewhere() -> gpd.GeoSeries:
    return gpd.GeoSeries([box(-60.0, -20.0, -59.0, -19.0)], crs=4326)


@pytest.fixture
def halve() -> Callable[[Path], Path]:
    """Cut a file in the middle, as a broken download does."""

    def cut(path: Path) -> Path:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        return path

    return cut


@dataclass
class Server:
    """A web server of a folder on this machine, and what it was asked for."""

    address: str
    folder: Path
    requests: list[tuple[str, str, int]] = field(default_factory=list)

    def url(self, path: Path) -> str:
        """Address of a file in the folder."""
        return f"{self.address}/{path.relative_to(self.folder).as_posix()}"

    def sent_bytes(self) -> int:
        """Return the size of all bodies sent so far."""
        return sum(size for _, _, size in self.requests)


class RangeHandler(SimpleHTTPRequestHandler):
    """Serves files and parts of files, as the hosts of open data do."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args, server_record: Server, **kwargs) -> None:
        self.record = server_record
        super().__init__(*args, **kwargs)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        first, last = 0, len(content) - 1
        asked = self.headers.get("Range", "")
        if asked.startswith("bytes="):
            begin, _, end = asked.removeprefix("bytes=").partition("-")
            first = int(begin) if begin else len(content) - int(end)
            last = min(int(end), last) if begin and end else last
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        else:
            self.send_response(200)
        body = content[first : last + 1] if with_body else b""
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        self.wfile.write(body)
        self.record.requests.append((self.command, self.path, len(body)))

    def log_message(self, *_args: object) -> None:
        """Say nothing on stderr."""


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The test's own folder behind http://127.0.0.1, on a free port."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    record = Server("", tmp_path)
    handler = partial(RangeHandler, directory=str(tmp_path), server_record=record)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        record.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield record
        server.shutdown()
        thread.join()

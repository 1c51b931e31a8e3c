"""Travel time the way others compute it: scikit-image as GOSTnetsraster calls it, scipy's Dijkstra, xarray-spatial."""

import json
import sys
from pathlib import Path

import numpy as np
import rasterio
from worker import Call, Report, serve


def friction_of(folder: Path, name: str) -> np.ndarray:
    """Friction with -1 where nobody passes."""
    with rasterio.open(folder / name) as dataset:
        cells, nodata = dataset.read(1), dataset.nodata
    return np.where((cells == nodata) | ~(cells > 0), -1.0, cells)


def cities_of(folder: Path, name: str) -> list[tuple[int, int]]:
    """Rows and columns of the cities."""
    return [tuple(cell) for cell in json.loads((folder / name).read_text())]


def _surface(file: str, cities: str):
    def prepare(folder: Path) -> tuple[Call, Report]:
        from skimage.graph import MCP_Geometric

        friction, at = friction_of(folder, file), cities_of(folder, cities)

        def call(number: int) -> float:
            costs, _ = MCP_Geometric(friction).find_costs([at[number % len(at)]])
            return float(np.isfinite(costs).sum())

        return call, lambda reached: {"reached": reached}

    return prepare


def _origin(file: str, cities: str):
    """One origin of the matrix: a sweep, then the trace and the length in Web Mercator of the line to every other city."""

    def prepare(folder: Path) -> tuple[Call, Report]:
        import geopandas as gpd
        from shapely.geometry import LineString
        from skimage.graph import MCP_Geometric

        friction, at = friction_of(folder, file), cities_of(folder, cities)
        with rasterio.open(folder / file) as dataset:
            transform = dataset.transform

        def call(number: int) -> int:
            mcp = MCP_Geometric(friction)
            mcp.find_costs([at[number % len(at)]])
            lines = []
            for end in at:
                cells = mcp.traceback(end)
                if len(cells) > 1:
                    lines.append(LineString([transform @ (col, row) for row, col in cells]))
            return int((gpd.GeoSeries(lines, crs=4326).to_crs(3857).length > 0).sum())

        return call, lambda lines: {"reached": lines}

    return prepare


def _dijkstra(file: str, cities: str):
    def prepare(folder: Path) -> tuple[Call, Report]:
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import dijkstra

        friction, at = friction_of(folder, file), cities_of(folder, cities)
        rows, cols = friction.shape
        number = np.arange(rows * cols).reshape(rows, cols)
        begins, ends, costs = [], [], []
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
            here = (slice(0, rows - down), slice(max(-right, 0), cols - max(right, 0)))
            there = (slice(down, rows), slice(max(right, 0), cols - max(-right, 0)))
            open_ = (friction[here] > 0) & (friction[there] > 0)
            begins.append(number[here][open_])
            ends.append(number[there][open_])
            costs.append((friction[here][open_] + friction[there][open_]) / 2 * np.hypot(down, right))
        edges = (np.concatenate(costs), (np.concatenate(begins), np.concatenate(ends)))
        graph = coo_matrix(edges, shape=(rows * cols, rows * cols)).tocsr()

        def call(turn: int) -> float:
            found = dijkstra(graph, directed=False, indices=number[at[turn % len(at)]])
            return float(np.isfinite(found).sum())

        return call, lambda reached: {"reached": reached}

    return prepare


def _xrspatial(file: str, cities: str):
    def prepare(folder: Path) -> tuple[Call, Report]:
        import xarray as xr
        from xrspatial import cost_distance

        friction, at = friction_of(folder, file), cities_of(folder, cities)
        axes = {"y": np.arange(friction.shape[0], dtype=float)[::-1], "x": np.arange(friction.shape[1], dtype=float)}
        surface = xr.DataArray(
            np.where(friction > 0, friction, np.nan), coords=axes, dims=("y", "x"), attrs={"res": (1.0, 1.0)}
        )

        def call(number: int) -> float:
            sources = surface * 0.0
            sources.values[:] = 0.0
            sources.values[at[number % len(at)]] = 1.0
            return float(np.isfinite(cost_distance(sources, surface).values).sum())

        return call, lambda reached: {"reached": reached}

    return prepare


if __name__ == "__main__":
    kinds = {"skimage surface": _surface, "skimage origin": _origin, "dijkstra": _dijkstra, "xrspatial": _xrspatial}
    places = {"senegal": ("senegal.tif", "senegal.json"), "country": ("friction.tif", "cities.json")}
    packages = {"skimage": ("scikit-image",), "dijkstr": ("scipy",), "xrspati": ("xarray-spatial",)}[sys.argv[1][:7]]
    serve(
        {f"{kind} {place}": make(*files) for kind, make in kinds.items() for place, files in places.items()}, packages=packages
    )

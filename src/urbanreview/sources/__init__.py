"""From files and addresses to clean rasters and zone tables: the only rooms, with the store, that know paths."""

from urbanreview.sources.address import Address, fingerprint, locate
from urbanreview.sources.open_alternate_names import open_alternate_names
from urbanreview.sources.open_names import open_names
from urbanreview.sources.open_raster import open_raster
from urbanreview.sources.open_table import as_numbers, open_table
from urbanreview.sources.open_vector import open_features, open_vector
from urbanreview.sources.raster_rows import RasterRows
from urbanreview.sources.raster_windows import RasterWindows

__all__ = [
    "Address",
    "RasterRows",
    "RasterWindows",
    "as_numbers",
    "fingerprint",
    "locate",
    "open_alternate_names",
    "open_features",
    "open_names",
    "open_raster",
    "open_table",
    "open_vector",
]

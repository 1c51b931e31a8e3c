"""Rasters that say what they are, on grids that say where they are."""

from urbanreview.grid.contract import (
    Kind,
    as_crs,
    as_kind,
    declare,
    describe,
    geobox_of,
    make_raster,
    require_kind,
    require_same_grid,
    same_crs,
    same_grid,
    shape_of,
)
from urbanreview.grid.geodesy import (
    StepLengths,
    cell_area_km2,
    cell_centres,
    geodesic_area_km2,
    is_equal_area,
    outside_earth,
    positions_of,
    step_lengths_m,
    to_crs,
)
from urbanreview.grid.resample import coarsen, resample
from urbanreview.grid.shapes import burn, cover_shapes, covered_share, trace, trace_labelled
from urbanreview.grid.window import bounds_with_margin, crop, crop_slices

__all__ = [
    "Kind",
    "StepLengths",
    "as_crs",
    "as_kind",
    "bounds_with_margin",
    "burn",
    "cell_area_km2",
    "cell_centres",
    "coarsen",
    "cover_shapes",
    "covered_share",
    "crop",
    "crop_slices",
    "declare",
    "describe",
    "geobox_of",
    "geodesic_area_km2",
    "is_equal_area",
    "make_raster",
    "outside_earth",
    "positions_of",
    "require_kind",
    "require_same_grid",
    "resample",
    "same_crs",
    "same_grid",
    "shape_of",
    "step_lengths_m",
    "to_crs",
    "trace",
    "trace_labelled",
]

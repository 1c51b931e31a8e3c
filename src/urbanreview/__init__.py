"""One command, one country: from global open rasters to an urbanization review.

The public names are loaded when they are first used, so that importing the package costs next to nothing.

Examples
--------
>>> import urbanreview as ur
>>> ur.rules_of("thresholds").urban_centre.min_people
50000.0
"""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "config": ("Settings", "load_settings", "parse_settings"),
    "delineation": (
        "EDITIONS",
        "DegreeOfUrbanisation",
        "ExtentRule",
        "Extents",
        "Layers",
        "Rules",
        "degree_of_urbanisation",
        "density_of",
        "extents",
        "optimal_built_up_share",
        "rules_of",
        "sensitivity",
        "working_population",
    ),
    "demo": ("write_demo",),
    "errors": ("UrbanReviewError",),
    "grid": (
        "burn",
        "cell_area_km2",
        "coarsen",
        "crop",
        "declare",
        "make_raster",
        "resample",
        "same_grid",
        "step_lengths_m",
        "trace",
    ),
    "indicators": ("built_up", "lights", "population"),
    "ledger": ("Ledger",),
    "measures": ("MEASURES", "long_rows"),
    "naming": ("load_places", "name_zones"),
    "pipeline": ("review", "run", "write"),
    "report": ("Review", "write_report"),
    "sources": ("open_features", "open_raster", "open_vector"),
    "zones": (
        "Plan",
        "Plans",
        "class_shares",
        "degree_of_units",
        "grid_changes",
        "link_extents",
        "link_polygons",
        "plan_extents",
        "plan_zones",
        "population_points",
        "quantiles",
        "summarise",
        "summarise_series",
        "threshold_shares",
        "zone_table",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__all__ = ["__version__", *sorted(_HOME_OF)]


def __getattr__(name: str) -> object:
    """Import a public name from its home on first use."""
    if name not in _HOME_OF:
        message = f"module 'urbanreview' has no attribute '{name}'"
        raise AttributeError(message)
    return getattr(import_module(f"urbanreview.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return __all__

"""Windows of rasters on servers: how they are told apart in the cache, and how much of a file they are."""

from urbanreview.sources.remote import Bounds


def window_folder(bounds: Bounds) -> str:
    """Return the folder of the cache that keeps what was cut by one window: its edges, to about 100 m.

    >>> window_folder((46.0, 40.25, 87.5, 55.4396))
    '46.000_40.250_87.500_55.440'
    """
    return "_".join(f"{edge:.3f}" for edge in bounds)


def share_of(window: Bounds, whole: Bounds) -> float:
    """Return the share of the cells of a raster in degrees that a window takes; what reaches beyond it is not there.

    >>> share_of((-200.0, 0.0, -90.0, 45.0), (-180.0, -90.0, 180.0, 90.0))
    0.0625
    """
    west, south, east, north = whole
    wide = max(0.0, min(window[2], east) - max(window[0], west))
    high = max(0.0, min(window[3], north) - max(window[1], south))
    return wide * high / ((east - west) * (north - south))

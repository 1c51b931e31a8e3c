"""The demo's hills: a few smooth mountains where the real ones stand."""

import numpy as np

MOUNTAINS: tuple[tuple[str, float, float, float, float, float], ...] = (
    ("Tian Shan", 79.0, 41.8, 5.0, 1.0, 3_200.0),
    ("Zhetysu Alatau", 80.3, 45.0, 0.9, 0.4, 2_200.0),
    ("Altai", 86.0, 49.5, 1.5, 1.0, 2_200.0),
    ("Kazakh Uplands", 73.5, 48.8, 3.0, 1.5, 600.0),
    ("Mugodzhar Hills", 58.7, 49.0, 0.4, 1.0, 300.0),
)
"""Name, longitude and latitude of the middle [degrees], reach east and north [degrees], height [m]."""
PLAINS_M = 150.0


def altitude_m(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Height of positions [degrees] above the sea [m].

    >>> float(altitude_m(np.array(55.0), np.array(46.0)).round()), float(altitude_m(np.array(79.0), np.array(41.8)).round(-2))
    (150.0, 3400.0)
    """
    height = np.full(np.broadcast_shapes(np.shape(lon), np.shape(lat)), PLAINS_M)
    for _, middle_lon, middle_lat, reach_lon, reach_lat, peak in MOUNTAINS:
        squared = ((lon - middle_lon) / reach_lon) ** 2 + ((lat - middle_lat) / reach_lat) ** 2
        height = height + peak * np.exp(-squared / 2)
    return height

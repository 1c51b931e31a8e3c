"""Conversions between units: the only place where one unit becomes another."""

METRES_PER_KM = 1_000.0
MINUTES_PER_HOUR = 60.0
SECONDS_PER_MINUTE = 60.0
M2_PER_KM2 = 1_000_000.0


def km2_from_m2(area_m2):
    """Square kilometres from square metres; works on numbers and arrays.

    >>> km2_from_m2(2_500_000.0)
    2.5
    """
    return area_m2 / M2_PER_KM2


def m2_from_km2(area_km2):
    """Square metres from square kilometres; works on numbers and arrays.

    >>> m2_from_km2(2.5)
    2500000.0
    """
    return area_km2 * M2_PER_KM2


def minutes_per_metre(speed_km_per_h):
    """Minutes that a metre takes at a speed; works on numbers and arrays.

    >>> minutes_per_metre(6.0)
    0.01
    """
    return MINUTES_PER_HOUR / (speed_km_per_h * METRES_PER_KM)


def km_per_hour(minutes_per_metre):
    """Speed at which a metre takes so many minutes; works on numbers and arrays.

    >>> km_per_hour(0.01)
    6.0
    """
    return MINUTES_PER_HOUR / (minutes_per_metre * METRES_PER_KM)

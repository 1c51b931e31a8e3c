"""Conversions between units: the only place where one unit becomes another."""

METRES_PER_KM = 1_000.0
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

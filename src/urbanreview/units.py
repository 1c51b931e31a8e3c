"""Conversions between units: the only place where one unit becomes another."""

METRES_PER_KM = 1_000.0
MINUTES_PER_HOUR = 60.0
SECONDS_PER_MINUTE = 60.0
M2_PER_KM2 = 1_000_000.0
ZERO_CELSIUS_K = 273.15
RAIN_UNITS: dict[str, tuple[float, str]] = {
    "mm/month": (1.0, "month"),
    "cm/month": (10.0, "month"),
    "m/month": (1_000.0, "month"),
    "mm/day": (1.0, "day"),
    "cm/day": (10.0, "day"),
    "m/day": (1_000.0, "day"),
    "mm/h": (24.0, "day"),
    "mm/s": (86_400.0, "day"),
    "kg/m2/s": (86_400.0, "day"),
    "m/s": (86_400_000.0, "day"),
}
"""Units of rain: millimetres that one of them is, per month or per day; a kilogram of water on a square metre is 1 mm."""
TEMPERATURE_UNITS = ("degC", "K", "degF")


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


def mm_from_rain(amount, units: str, *, days, month_days):
    """Millimetres that fall in a stretch of time, from rain in any of `RAIN_UNITS`; works on numbers and arrays.

    Parameters
    ----------
    amount : float or ndarray
        Rain [`units`].
    units : str
        A key of `RAIN_UNITS`.
    days : float or ndarray
        Length of the stretch [day].
    month_days : float or ndarray
        Length of the month that it lies in, by the calendar of the data [day].

    Examples
    --------
    A metre a day through a February of 28 days, and a month's 60 mm on one of its 30 days:

    >>> mm_from_rain(1.0, "m/day", days=28, month_days=28), mm_from_rain(60.0, "mm/month", days=1, month_days=30)
    (28000.0, 2.0)
    """
    mm, per = RAIN_UNITS[units]
    return amount * mm * (days if per == "day" else days / month_days)


def celsius_from(temperature, units: str):
    """Degrees Celsius from any of `TEMPERATURE_UNITS`; works on numbers and arrays.

    >>> celsius_from(283.15, "K"), celsius_from(50.0, "degF"), celsius_from(10.0, "degC")
    (10.0, 10.0, 10.0)
    """
    if units == "K":
        return temperature - ZERO_CELSIUS_K
    return (temperature - 32.0) / 1.8 if units == "degF" else temperature

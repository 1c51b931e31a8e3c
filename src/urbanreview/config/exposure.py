"""The section of a hazard and who is exposed to it."""

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from urbanreview.config.sections import RasterInput, Year

ReturnPeriod = Annotated[float, Field(ge=1, allow_inf_nan=False)]
_PERIOD = re.compile(r"\{return_period(?::([^{}]*))?\}")


class Exposure(RasterInput):
    """[exposure.NAME]: a hazard, floods for example: people, built-up and other land beyond its threshold.

    A map per return period, or one map. Maps of further perils are joined with it cell by cell.
    """

    path: str = Field(
        examples=["data/flood/rp{return_period}.tif"],
        description="Map per return period with {return_period} or {return_period:05}, or one map.",
    )
    return_periods: list[ReturnPeriod] = Field(
        [], examples=[[10, 20, 50, 100, 200, 500]], description="Return periods that there are [years]; none for one map."
    )
    also: list[str] = Field(
        [],
        examples=[["data/coastal/rp{return_period}.tif"]],
        description="Maps of further perils, coastal floods for example: a cell takes the worst, as if all came at once.",
    )
    threshold: float = Field(0.15, allow_inf_nan=False, description="Value beyond which a cell is in the hazard zone.")
    units: str = Field("m", description="Units of the maps and the threshold.")
    direction: Literal["above", "below"] = Field("above", description="On which side of the threshold the hazard lies.")
    permanent_water: str | None = Field(
        None,
        examples=["data/permanent_water.tif"],
        description="Raster of water that is always there, above zero: neither hazard nor land.",
    )
    missing: Literal["auto", "dry", "unknown"] = Field(
        "auto",
        description="What nodata inside a map means. Left to itself dry, if the map of the longest return period holds "
        "values but no zero, and else unknown. Beyond a map all is unknown.",
    )
    protection_years: ReturnPeriod = Field(
        1.0, description="Return period up to which defences hold, for the expected yearly exposure; 1 is undefended."
    )
    fraction_band: int | None = Field(
        None,
        examples=[2],
        ge=1,
        description="Band with the share of the cell that the hazard takes, where the depth is beyond.",
    )
    base_year: Year | None = Field(
        None, examples=[2000], description="Year that growth into the hazard zone begins; the earliest there is without it."
    )
    growth_return_period: ReturnPeriod = Field(
        100.0, description="Return period of the zone that growth is told for; the nearest there is stands for it."
    )

    @model_validator(mode="after")
    def _a_map_per_period(self) -> "Exposure":
        named = _PERIOD.search(self.path) is not None
        if named and not self.return_periods:
            message = (
                f"[exposure] path = '{self.path}' names a return period: give the list, such as return_periods = [10, 100]"
            )
            raise ValueError(message)
        if not named and len(self.return_periods) > 1:
            message = (
                f"[exposure] path = '{self.path}': one map for {len(self.return_periods)} return periods. "
                "Give it a {return_period}, or name one"
            )
            raise ValueError(message)
        try:
            self.paths(self.periods[0])
        except ValueError as error:
            message = f"[exposure] path: {error}. Write {{return_period}} or {{return_period:05}}"
            raise ValueError(message) from None
        return self

    @property
    def periods(self) -> list[float | None]:
        """Return periods, each once and in order [years]; one None for a single map without any."""
        return [*sorted(set(self.return_periods))] or [None]

    def paths(self, return_period: float | None) -> tuple[str, ...]:
        """Return the maps of a return period, the section's own first.

        >>> hazard = Exposure(path="r{return_period:05}.tif", return_periods=[100], also=["c{return_period}.tif"])
        >>> hazard.paths(100.0)
        ('r00100.tif', 'c100.tif')
        """
        return tuple(fill_return_period(path, return_period) for path in (self.path, *self.also))

    def growth_period(self) -> float | None:
        """Return the return period that growth is told for: the nearest there is, of two equally near ones the longer."""
        if not self.return_periods:
            return None
        return min(self.return_periods, key=lambda each: (abs(each - self.growth_return_period), -each))


def fill_return_period(template: str, return_period: float | None) -> str:
    """Fill a return period into a path; other braces stay as they are.

    >>> fill_return_period("a/{year}/rp{return_period:05}.tif", 50.0), fill_return_period("rp{return_period}.tif", 2.5)
    ('a/{year}/rp00050.tif', 'rp2.5.tif')
    """
    if return_period is None:
        return template
    number = int(return_period) if return_period == int(return_period) else return_period
    return _PERIOD.sub(lambda found: format(number, found[1] or ""), template)

"""The sections of rain and temperature."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from urbanreview.config.sections import RasterInput, Year
from urbanreview.errors import UnknownName
from urbanreview.sources.open_series import climate_units


class Climate(RasterInput):
    """[climate.NAME]: rain or temperature by month or day, one section per series.

    One NetCDF file with a time axis; one per year with {year} in its path; or a raster per month with {year} and {month:02}.
    """

    path: str = Field(
        examples=["data/{section}.nc"],
        description="NetCDF with a time axis, one per year with {year}, or a raster per month with {year} and {month:02}.",
    )
    quantity: Literal["precipitation", "temperature"] | None = Field(
        None, examples=["precipitation"], description="What it is; told by its units without it."
    )
    units: str | None = Field(
        None,
        examples=["mm/month"],
        description="Units of the numbers, if the file does not say or says it wrongly: mm/month, mm/day, m/day, kg/m2/s, "
        "degC, K and the like.",
    )
    statistic: Literal["mean", "max", "min"] | None = Field(
        None,
        examples=["mean"],
        description="Of a daily temperature: the day's mean, highest or lowest; told by its name without it.",
    )
    reference: tuple[Year, Year] | None = Field(
        None, examples=[[1991, 2020]], description="First and last year of the reference period; all whole years without it."
    )
    years: list[Year] = Field(
        [],
        examples=[[2019, 2020]],
        description="Years to use: all of a single file without it; needed with {year} in the path.",
    )

    @field_validator("units")
    @classmethod
    def _known_units(cls, units: str | None) -> str | None:
        try:
            return None if units is None else climate_units(units)
        except UnknownName as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _dated(self) -> "Climate":
        if "{year" in self.path and not self.years:
            message = f"[climate] path = '{self.path}' is filled with years: name them in years"
            raise ValueError(message)
        if "{month" in self.path and "{year" not in self.path:
            message = f"[climate] path = '{self.path}' has a {{month}} and no {{year}}"
            raise ValueError(message)
        if self.reference is not None and self.reference[0] > self.reference[1]:
            message = f"[climate] reference = {list(self.reference)}: expected the first year, then the last"
            raise ValueError(message)
        return self

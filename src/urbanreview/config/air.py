"""The section of air quality."""

from itertools import pairwise
from typing import Literal

from pydantic import Field, field_validator, model_validator

from urbanreview.config.sections import Month, RasterInput, Year


class MonthlyAir(RasterInput):
    """[air.monthly]: monthly means beside those of years, for the heating season."""

    path: str = Field(
        examples=["data/{section}/{year}-{month:02}.nc"],
        description="File per month with {year} and {month:02}, or one with a time axis.",
    )


class Air(RasterInput):
    """[air]: fine dust, PM2.5, in ug/m3.

    A file per year, or one for all: with a time axis, or with a band per year. Or monthly means, of which years are made: a
    file per month with {month:02} in its path, or ``months_in_file``.
    """

    path: str = Field(
        examples=["data/{section}/pm25_{year}.nc"],
        description="File per year with {year}, file per month with {year} and {month:02}, or one file for all.",
    )
    years: list[Year] = Field(examples=[[2020]], min_length=1, description="Years that there are.")
    product: str = Field(
        "", examples=["SatPM2.5 V6.GL.03"], description="Product and version: the source of every row; 'air' without it."
    )
    first_year: Year | None = Field(
        None, examples=[2003], description="Year of the first band, if one file holds a year in each of its bands."
    )
    months_in_file: bool = Field(default=False, description="Whether the steps of the file's time axis are months.")
    heating_months: list[Month] = Field(
        [10, 11, 12, 1, 2, 3],
        min_length=1,
        description="Months of the heating season, from its first; it is read from monthly means.",
    )
    levels: Literal["who-2021"] = Field("who-2021", description="Edition of the levels that people are counted by.")
    monthly: MonthlyAir | None = None

    @field_validator("heating_months")
    @classmethod
    def _one_season(cls, months: list[int]) -> list[int]:
        turns = sum(later <= before for before, later in pairwise([*months, months[0]]))
        if turns > 1:
            message = f"[air] heating_months = {months}: expected each month once, in order from the first of the season"
            raise ValueError(message)
        return months

    @model_validator(mode="after")
    def _bands_begin_with_the_first_year(self) -> "Air":
        if self.first_year is not None and min(self.years) < self.first_year:
            message = (
                f"[air] years begin with {min(self.years)}, before first_year = {self.first_year}, the year of the first band"
            )
            raise ValueError(message)
        return self

    @property
    def by_month(self) -> bool:
        """Whether years are made of monthly means."""
        return "{month" in self.path or self.months_in_file

    @property
    def months(self) -> list[int]:
        """Months that a year is made of where there is a mean of each."""
        return list(range(1, 13))

    @property
    def of_months(self) -> RasterInput | None:
        """Where monthly means come from, if there are any."""
        return self if self.by_month else self.monthly

    @property
    def source(self) -> str:
        """What the rows of the long table name as their source."""
        return self.product or "air"

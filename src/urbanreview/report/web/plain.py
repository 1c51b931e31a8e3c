"""Numbers and texts of tables as plain values that JSON knows."""

import math
from typing import Any

import pandas as pd

DIGITS = 6


def rounded(value: float | None) -> float | int | None:
    """Return a number with six digits that count, whole ones all their digits; None where it is missing.

    >>> rounded(1234567.4), rounded(0.123456789), rounded(250.0), rounded(float("nan"))
    (1234567, 0.123457, 250, None)
    """
    if value is None or pd.isna(value) or not math.isfinite(value):
        return None
    number = float(f"{value:.{DIGITS}g}") if abs(value) < 10**DIGITS else float(round(value))
    return int(number) if number.is_integer() else number


def numbers(column: pd.Series) -> list[float | int | None]:
    """Return the numbers of a column, each as `rounded`."""
    return [rounded(value) for value in column.tolist()]


def values(column: pd.Series) -> list[Any]:
    """Return truth values, numbers or texts of a plain column; None where they are missing.

    >>> values(pd.Series([True, None], dtype="boolean")), values(pd.Series(["a", None])), values(pd.Series([0.25, None]))
    ([True, None], ['a', None], [0.25, None])
    """
    if pd.api.types.is_bool_dtype(column.dtype):
        return [None if pd.isna(value) else bool(value) for value in column]
    if pd.api.types.is_numeric_dtype(column.dtype):
        return numbers(column)
    return [None if pd.isna(value) else str(value) for value in column]

"""Stands where pandas would: it is compiled code, which a component does not have.

`DataFrame` and `Series`, for the type hints of functions on tables and for making tables, are `duckpen.Frame` and
`duckpen.Series`; a few functions are beside them. They have a small part of what pandas has; what they have means the same. Whatever
else is asked for is an error that says so.
"""

import _strptime  # noqa: F401  What strptime imports when it is first called, which is too late in a component.
import datetime

from duckpen import Frame as DataFrame
from duckpen import Series

__all__ = ["DataFrame", "Series"]


def isna(value):
    """Whether a value, or each of a column, is missing."""
    return value.isna() if isinstance(value, (Series, DataFrame)) else value is None or value != value


def notna(value):
    """Whether a value, or each of a column, is there."""
    return value.notna() if isinstance(value, (Series, DataFrame)) else not isna(value)


isnull, notnull = isna, notna


def to_numeric(value, errors="raise"):
    """Texts as the numbers that they are; with `coerce` those that are none are missing."""
    if isinstance(value, Series):
        return value._new(None if isna(one) else to_numeric(one, errors) for one in value)
    for kind in (int, float):
        try:
            return kind(value)
        except (TypeError, ValueError):
            pass
    if errors == "coerce":
        return None
    raise ValueError(f"Unable to parse string {value!r}")


def to_datetime(value, format=None, errors="raise"):
    """Texts as the moments that they are, in ISO's form or in `format`; with `coerce` those that are none are missing."""
    if isinstance(value, Series):
        return value._new(None if isna(one) else to_datetime(one, format, errors) for one in value)
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)
    try:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is no text")
        return datetime.datetime.strptime(value, format) if format else datetime.datetime.fromisoformat(value)
    except ValueError:
        if errors == "coerce":
            return None
        raise


def concat(frames, ignore_index=False, axis=0):
    """One table below the other."""
    if axis not in (0, "index"):
        raise NotImplementedError("pandas is not in a component, and the tables that stand for it are put below each other only")
    return DataFrame.below(list(frames))


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise AttributeError(
        f"pandas.{name} is not there: pandas is compiled code, which a component does not have. What stands for it has "
        "DataFrame, Series, concat, isna, notna, to_datetime and to_numeric, described in duckpen.Frame"
    )

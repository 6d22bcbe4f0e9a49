"""Stands where pandas would: it is compiled code, which a component does not have.

There are two names here, for the type hints of functions on tables and for making tables: `DataFrame` and `Series`, which
are `duckpen.Frame` and `duckpen.Series`. They have a small part of what pandas has; what they have means the same. Whatever
else is asked for is an error that says so.
"""

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
        "DataFrame, Series, concat, isna and notna, described in duckpen.Frame"
    )

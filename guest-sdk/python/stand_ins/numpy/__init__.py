"""Stands where numpy would: it is compiled code, which a component does not have.

There is what functions of rows and of columns use most: calculations on a number, or on each value of a column; totals of
columns, lists and arrays of one dimension; `where` and `select`. They give what numpy gives. Whatever else is asked for is an
error that says so.
"""

import builtins
import math
import numbers

from duckpen._array import Array as ndarray
from duckpen._series import Series, flags_of, is_missing, values_of

nan, inf, pi, e = math.nan, math.inf, math.pi, math.e
NaN, Inf, newaxis = nan, inf, None

# What values are made, and looked at, by.
float16 = float32 = float64 = float_ = floating = float
int8 = int16 = int32 = int64 = int_ = integer = int
bool_, str_ = bool, str
number = numbers.Number

# On a number, or on each of several.


def _is_column(values):
    return isinstance(values, Series)


def _column(values):
    """Values in a row, each as Python has it."""
    if isinstance(values, Series):
        return values
    if isinstance(values, (list, tuple, range, set, frozenset, dict)) or hasattr(values, "__next__"):
        return array(values)
    return None


def _on_each(calculate):
    def function(x, /):
        column = _column(x)
        return calculate(x) if column is None else column._each(calculate)

    return function


def _on_pairs(calculate):
    def function(x, y, /):
        one, two = _column(x), _column(y)
        if one is None and two is None:
            return nan if is_missing(x) or is_missing(y) else calculate(x, y)
        if one is None:
            return two._with(x, lambda value, other: calculate(other, value))
        return one._with(y if two is None else two, calculate)

    return function


def _number(calculate):
    """Where a calculation has no result, numpy's is no number."""

    def function(value):
        try:
            return calculate(value)
        except ValueError:
            return nan
        except OverflowError:
            return inf

    return function


def _logarithm(calculate, pole=0):
    return _number(lambda value: -inf if value == pole else calculate(value))


def _sign(value):
    return nan if value != value else type(value)((value > 0) - (value < 0))


def _whole(calculate):
    # Of what is infinite there is no whole number, and numpy's are floats.
    return lambda value: float(calculate(value)) if math.isfinite(value) else value


def _power(one, two):
    try:
        found = one**two
    except ZeroDivisionError:
        if isinstance(one, int) and isinstance(two, int):
            raise ValueError("Integers to negative integer powers are not allowed.") from None
        return inf
    return nan if isinstance(found, complex) else found


abs = absolute = fabs = _on_each(builtins.abs)
negative = _on_each(lambda value: -value)
square = _on_each(lambda value: value * value)
sqrt = _on_each(_number(math.sqrt))
cbrt = _on_each(math.cbrt)
exp = _on_each(_number(math.exp))
expm1 = _on_each(_number(math.expm1))
log = _on_each(_logarithm(math.log))
log2 = _on_each(_logarithm(math.log2))
log10 = _on_each(_logarithm(math.log10))
log1p = _on_each(_logarithm(math.log1p, -1))
floor = _on_each(_whole(math.floor))
ceil = _on_each(_whole(math.ceil))
trunc = fix = _on_each(_whole(math.trunc))
rint = _on_each(_whole(builtins.round))
sign = _on_each(_sign)
sin, cos, tan = _on_each(math.sin), _on_each(math.cos), _on_each(math.tan)
arcsin, arccos, arctan = _on_each(_number(math.asin)), _on_each(_number(math.acos)), _on_each(math.atan)
sinh, cosh, tanh = _on_each(math.sinh), _on_each(_number(math.cosh)), _on_each(math.tanh)
radians = deg2rad = _on_each(math.radians)
degrees = rad2deg = _on_each(math.degrees)

maximum = _on_pairs(lambda one, two: one if one >= two else two)
minimum = _on_pairs(lambda one, two: one if one <= two else two)
power = _on_pairs(_power)
arctan2 = _on_pairs(math.atan2)
hypot = _on_pairs(math.hypot)


def _asked(holds):
    """Of what is missing neither holds."""

    def function(x, /):
        column = _column(x)
        return holds(x) if column is None else column._new(not is_missing(value) and holds(value) for value in column)

    return function


isinf = _asked(math.isinf)
isfinite = _asked(math.isfinite)


def isnan(x):
    column = _column(x)
    return math.isnan(x) if column is None else column.isna()


def round(x, decimals=0):
    column = _column(x)
    return builtins.round(x, decimals) if column is None else column.round(decimals)


around = round


def clip(x, a_min=None, a_max=None):
    column = _column(x)
    if column is not None:
        return column.clip(a_min, a_max)
    x = x if a_min is None else builtins.max(x, a_min)
    return x if a_max is None else builtins.min(x, a_max)


def logical_not(x):
    column = _column(x)
    return not x if column is None else ~column


def logical_and(x, y):
    return (x and y) if not (_is_column(x) or _is_column(y)) else (x & y if _is_column(x) else y & x)


def logical_or(x, y):
    return (x or y) if not (_is_column(x) or _is_column(y)) else (x | y if _is_column(x) else y | x)


def where(condition, x, y):
    """Of each row one of two values, by a condition."""
    condition = condition if _column(condition) is None else _column(condition)
    if not _is_column(condition):
        return x if condition else y
    rows = len(condition)
    ones, twos = values_of(x, rows), values_of(y, rows)
    return ndarray(one if flag else two for flag, one, two in zip(flags_of(condition, rows), ones, twos))


def select(condlist, choicelist, default=0):
    """Of each row the value of the first condition that holds."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    found = default
    for condition, choice in reversed(list(zip(condlist, choicelist))):
        found = where(condition, choice, found)
    return found


# Several values.


def array(values, dtype=None):
    """Values in a row."""
    values = list(values)
    if builtins.any(isinstance(value, (list, tuple, Series)) for value in values):
        raise NotImplementedError("arrays have one dimension here: numpy is compiled code, which a component does not have")
    made = ndarray(values)
    return made if dtype is None else made.astype(dtype)


asarray = array


def zeros(shape, dtype=float):
    return full(shape, 0).astype(dtype)


def ones(shape, dtype=float):
    return full(shape, 1).astype(dtype)


def full(shape, fill_value):
    if not isinstance(shape, int):
        raise NotImplementedError("arrays have one dimension here: numpy is compiled code, which a component does not have")
    return ndarray([fill_value] * shape)


def arange(start, stop=None, step=1):
    start, stop = (0, start) if stop is None else (start, stop)
    count = builtins.max(0, math.ceil((stop - start) / step))
    return ndarray(start + step * at for at in range(count))


def linspace(start, stop, num=50):
    steps = builtins.max(1, num - 1)
    return ndarray(float(start + (stop - start) * at / steps) for at in range(num))


# One value for all.


def _given(values):
    column = _column(values)
    return array([values]) if column is None else column


def _plain(values):
    """The values without pandas' ways: what is missing spoils the total."""
    return ndarray(_given(values))


def _there(values):
    return ndarray(value for value in _given(values) if not is_missing(value))


def _empty(found):
    return nan if found is None else found


def sum(a):
    return _given(a).sum()


def prod(a):
    return math.prod(_given(a)._present())


def mean(a):
    return _empty(_given(a).mean())


def std(a, ddof=0):
    return _empty(_given(a).std(ddof))


def var(a, ddof=0):
    return _empty(_given(a).var(ddof))


def _limit(a, which):
    found = getattr(_given(a), which)()
    if found is None:
        raise ValueError("zero-size array to reduction operation which has no identity")
    return found


def min(a):
    return _limit(a, "min")


def max(a):
    return _limit(a, "max")


amin, amax = min, max


def median(a):
    return _empty(_plain(a).median())


def percentile(a, q):
    return quantile(a, q / 100 if _column(q) is None else _column(q) / 100)


def quantile(a, q):
    values = _plain(a)
    column = _column(q)
    return _empty(values.quantile(q)) if column is None else ndarray(values.quantile(one) for one in column)


def any(a):
    return builtins.any(_given(a)._present())


def all(a):
    return builtins.all(_given(a)._present())


def count_nonzero(a):
    return builtins.sum(1 for value in _given(a) if is_missing(value) or value)


def cumsum(a):
    return _given(a).cumsum()


def cumprod(a):
    return _given(a).cumprod()


def unique(a):
    values = _given(a)
    missing = [nan] if builtins.any(map(is_missing, values)) else []
    return ndarray([*sorted(set(_there(values))), *missing])


def nansum(a):
    return _there(a).sum()


def nanmean(a):
    return _empty(_there(a).mean())


def nanmedian(a):
    return _empty(_there(a).median())


def nanstd(a, ddof=0):
    return _empty(_there(a).std(ddof))


def nanvar(a, ddof=0):
    return _empty(_there(a).var(ddof))


def nanmin(a):
    return _empty(_there(a).min())


def nanmax(a):
    return _empty(_there(a).max())


def nanpercentile(a, q):
    return percentile(_there(a), q)


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    there = ", ".join(sorted(known for known, what in globals().items() if known[0] != "_" and callable(what)))
    raise AttributeError(
        f"numpy.{name} is not there: numpy is compiled code, which a component does not have. What stands for it has {there}"
    )

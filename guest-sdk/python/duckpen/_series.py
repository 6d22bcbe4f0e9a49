"""One column of a table: a list whose operators work on all of its values. None is what is missing."""

import datetime
import math
import operator
import re
import statistics


def is_missing(value):
    """None, and the float that is no number."""
    return value is None or value != value


class Series:
    """A column. Operators take a value, a list or a column as long as this one, and give a new column.

    What is missing stays missing in a calculation, is false in a comparison, and is left out of a total.
    """

    def __init__(self, values=(), name=None):
        self._values = list(values)
        self.name = name

    def __len__(self):
        return len(self._values)

    def __iter__(self):
        return iter(self._values)

    def __bool__(self):
        raise ValueError("a column is neither true nor false: use & | ~ in the place of and, or, not; or any(), all()")

    def __repr__(self):
        return f"duckpen.Series({self._values!r}, name={self.name!r})"

    def __getitem__(self, which):
        if isinstance(which, Series):
            return self._new(value for value, keep in zip(self._values, _flags(which, len(self))) if keep)
        found = self._values[which]
        return self._new(found) if isinstance(which, slice) else found

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(f"a column has no `{name}`: what there is of pandas is described in duckpen.Series")

    # No column has an index beside its position.
    @property
    def iloc(self):
        return self

    @property
    def values(self):
        """As numpy has them."""
        return self.to_numpy()

    def to_numpy(self):
        return _array.Array(self._values)

    @property
    def dtype(self):
        """What pandas calls the kind of its values."""
        return Kind.of(self._values)

    @property
    def str(self):
        """Methods of texts: `upper`, `replace`, `len` and so on."""
        return _Texts(self)

    @property
    def dt(self):
        """Parts of dates: `year`, `month`, `day` and so on."""
        return _Dates(self)

    @property
    def empty(self):
        return not self._values

    @property
    def size(self):
        return len(self)

    def tolist(self):
        return list(self._values)

    to_list = tolist

    def copy(self):
        return self._new(self._values)

    def head(self, n=5):
        return self[:n]

    def reset_index(self, drop=True):
        return self.copy()

    # One value for each.

    def map(self, by):
        """Of each value what a function gives, or what a dictionary has; missing where it has nothing."""
        if isinstance(by, dict):
            return self._new(by.get(value) for value in self._values)
        return self._new(by(value) for value in self._values)

    def apply(self, by):
        return self.map(by)

    def astype(self, kind):
        """The values as `int`, `float`, `str` or `bool`, by these or by pandas' names of them."""
        kind = _KINDS.get(kind, kind)
        if kind not in (int, float, str, bool):
            raise TypeError(f"columns can be made int, float, str or bool, and not {kind}")
        return self._each(kind)

    def fillna(self, value):
        others = _values(value, len(self))
        return self._new(other if is_missing(one) else one for one, other in zip(self._values, others))

    def dropna(self):
        return self._new(value for value in self._values if not is_missing(value))

    def isna(self):
        return self._new(is_missing(value) for value in self._values)

    def notna(self):
        return self._new(not is_missing(value) for value in self._values)

    isnull, notnull = isna, notna

    def where(self, condition, other=None):
        """The values where the condition holds, others elsewhere."""
        others = _values(other, len(self))
        flags = _flags(condition, len(self))
        return self._new(value if keep else other for value, keep, other in zip(self._values, flags, others))

    def mask(self, condition, other=None):
        return self.where(~_column(condition), other)

    def replace(self, to_replace, value=None):
        """Other values for some: `replace({"a": "b"})`, `replace("a", "b")`, `replace(["a", "b"], "c")`."""
        if isinstance(to_replace, dict):
            return self._new(to_replace.get(one, one) for one in self._values)
        old = to_replace if isinstance(to_replace, (list, tuple, Series)) else [to_replace]
        return self._new(value if one in list(old) else one for one in self._values)

    def isin(self, values):
        values = list(values)
        return self._new(value in values for value in self._values)

    def between(self, left, right):
        return (self >= left) & (self <= right)

    def clip(self, lower=None, upper=None):
        column = self if lower is None else self._each(lambda value: max(value, lower))
        return column if upper is None else column._each(lambda value: min(value, upper))

    def round(self, decimals=0):
        return self._each(lambda value: round(value, decimals))

    def abs(self):
        return self._each(abs)

    def shift(self, periods=1, fill_value=None):
        count = len(self)
        moved = range(-periods, count - periods)
        return self._new(self._values[at] if 0 <= at < count else fill_value for at in moved)

    def diff(self, periods=1):
        return self - self.shift(periods)

    def pct_change(self, periods=1):
        return self / self.shift(periods) - 1

    def cumsum(self):
        return self._running(operator.add)

    def cumprod(self):
        return self._running(operator.mul)

    def cummax(self):
        return self._running(max)

    def cummin(self):
        return self._running(min)

    def rank(self, method="average", ascending=True, pct=False):
        """The place of each value in their order, from 1; equal ones share the middle of their places, or the first (`min`) or
        last (`max`) of them; with `dense` no place is left out. As a part of all with `pct`."""
        present = sorted((value for value in self._values if not is_missing(value)), reverse=not ascending)
        places = {}
        for place, value in enumerate(present, 1):
            first, _ = places.get(value, (place, place))
            places[value] = (first, place)
        methods = {
            "average": lambda value: sum(places[value]) / 2,
            "min": lambda value: float(places[value][0]),
            "max": lambda value: float(places[value][1]),
            "dense": lambda value, dense={value: float(place) for place, value in enumerate(places, 1)}: dense[value],
        }
        if method not in methods:
            raise NotImplementedError(f"columns are ranked by {', '.join(methods)}, and not by {method!r}")
        total = len(places) if method == "dense" else len(present)
        return self._each(lambda value: methods[method](value) / (total if pct else 1))

    def sort_values(self, ascending=True):
        return self._new(self._values[at] for at in order([self._values], [ascending]))

    # One value for all.

    def sum(self):
        return sum(self._present())

    def count(self):
        return len(self._present())

    def mean(self):
        present = self._present()
        return statistics.fmean(present) if present else None

    def median(self):
        return self._of(statistics.median)

    def std(self, ddof=1):
        found = self.var(ddof)
        return None if found is None else math.sqrt(found)

    def var(self, ddof=1):
        present = self._present()
        if len(present) <= ddof:
            return None
        mean = math.fsum(present) / len(present)
        return math.fsum((value - mean) ** 2 for value in present) / (len(present) - ddof)

    def quantile(self, q=0.5):
        present = sorted(self._present())
        if not present:
            return None
        at = q * (len(present) - 1)
        low = math.floor(at)
        high = min(low + 1, len(present) - 1)
        return present[low] + (present[high] - present[low]) * (at - low)

    def min(self):
        return self._of(min)

    def max(self):
        return self._of(max)

    def any(self):
        return any(self._present())

    def all(self):
        return all(self._present())

    def first(self):
        return self._of(lambda present: present[0])

    def last(self):
        return self._of(lambda present: present[-1])

    def unique(self):
        return list(dict.fromkeys(self._values))

    def nunique(self):
        return len(set(self._present()))

    def mode(self):
        return self._new(sorted(statistics.multimode(self._present())))

    # Parts of the above.

    def _new(self, values):
        return Series(values, self.name)

    def _present(self):
        return [value for value in self._values if not is_missing(value)]

    def _of(self, total):
        present = self._present()
        return total(present) if present else None

    def _each(self, change):
        return self._new(None if is_missing(value) else change(value) for value in self._values)

    def _running(self, add):
        total = None
        totals = []
        for value in self._values:
            if is_missing(value):
                totals.append(None)
            else:
                total = value if total is None else add(total, value)
                totals.append(total)
        return self._new(totals)

    def _with(self, other, calculate):
        others = _values(other, len(self))
        pairs = zip(self._values, others)
        return self._new(None if is_missing(one) or is_missing(two) else calculate(one, two) for one, two in pairs)

    def _compare(self, other, compare, missing=False):
        others = _values(other, len(self))
        pairs = zip(self._values, others)
        return self._new(missing if is_missing(one) or is_missing(two) else compare(one, two) for one, two in pairs)


class Kind(str):
    """A kind of values by pandas' name of it, which is equal to Python's own as well: `dtype == float`."""

    _PYTHON = {"bool": bool, "int64": int, "float64": float, "object": object}

    @classmethod
    def of(cls, values):
        kinds = {type(value) for value in values if not is_missing(value)}
        is_whole = len(kinds) == 1 and not any(map(is_missing, values))
        if kinds <= {int, float} and values:
            return cls("int64" if is_whole and kinds == {int} else "float64")
        if is_whole and kinds == {bool}:
            return cls("bool")
        return cls("datetime64[ns]" if kinds == {datetime.datetime} else "object")

    @property
    def name(self):
        return str(self)

    @property
    def kind(self):
        return {"bool": "b", "int64": "i", "float64": "f", "object": "O"}.get(self, "M")

    def __eq__(self, other):
        return self._PYTHON.get(str(self)) is other if isinstance(other, type) else str.__eq__(self, other)

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__


_KINDS = {
    "int": int, "int32": int, "int64": int, "Int64": int, "float": float, "float32": float, "float64": float,
    "str": str, "string": str, "object": str, "bool": bool, "boolean": bool,
}  # fmt: skip


def _divided(one, two):
    """By zero is infinite, or no number at all, as in pandas."""
    try:
        return one / two
    except ZeroDivisionError:
        return math.nan if one == 0 else math.copysign(math.inf, one)


def _floored(one, two):
    try:
        return one // two
    except ZeroDivisionError:
        return _divided(one, two)


def _remaining(one, two):
    try:
        return one % two
    except ZeroDivisionError:
        return math.nan


def _operators():
    """Gives columns Python's operators."""
    calculations = {
        "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": _divided, "floordiv": _floored,
        "mod": _remaining, "pow": operator.pow,
    }  # fmt: skip
    for name, calculate in calculations.items():
        forward = lambda self, other, calculate=calculate: self._with(other, calculate)
        backward = lambda self, other, calculate=calculate: self._with(other, lambda one, two: calculate(two, one))
        setattr(Series, f"__{name}__", forward)
        setattr(Series, f"__r{name}__", backward)
        setattr(Series, {"truediv": "div"}.get(name, name), forward)
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        compare = lambda self, other, name=name: self._compare(other, getattr(operator, name), missing=name == "ne")
        setattr(Series, f"__{name}__", compare)
        setattr(Series, name, compare)
    for name, combine in {"and": lambda one, two: one and two, "or": lambda one, two: one or two, "xor": operator.xor}.items():
        flags = lambda self, other, combine=combine: self._new(
            combine(one, two) for one, two in zip(_flags(self, len(self)), _flags(other, len(self)))
        )
        setattr(Series, f"__{name}__", flags)
        setattr(Series, f"__r{name}__", flags)
    Series.__neg__ = lambda self: self._each(operator.neg)
    Series.__abs__ = Series.abs
    Series.__invert__ = lambda self: self._new(not flag for flag in _flags(self, len(self)))
    # It compares value by value, so it is no key of a dictionary.
    Series.__hash__ = None


_operators()


def _column(values):
    return values if isinstance(values, Series) else Series(values)


def _flags(condition, rows):
    """A condition for each row; one that is missing does not hold."""
    flags = _values(condition, rows)
    for flag in flags:
        if not (flag is None or isinstance(flag, bool)):
            raise TypeError(f"a condition is True or False for each row, and not {flag!r}")
    return [flag is True for flag in flags]


def _values(given, rows):
    """As many values as there are rows: those of a column or list, or one value over and over."""
    if isinstance(given, (Series, list, tuple, range)):
        if len(given) != rows:
            raise ValueError(f"{len(given)} values for {rows} rows")
        return list(given)
    return [given] * rows


values_of = _values
flags_of = _flags


def order(columns, ascending):
    """The numbers of the rows in the order of their values; what is missing comes last, and equal rows keep their order."""
    places = list(range(len(columns[0]) if columns else 0))
    for values, rises in reversed(list(zip(columns, ascending))):
        present = [at for at in places if not is_missing(values[at])]
        missing = [at for at in places if is_missing(values[at])]
        places = sorted(present, key=values.__getitem__, reverse=not rises) + missing
    return places


class _Texts:
    """`column.str`: a method of `str` on each value that is there."""

    _METHODS = frozenset(
        "capitalize casefold center count endswith find isalnum isalpha isdigit islower isnumeric isspace isupper ljust "
        "lower lstrip removeprefix removesuffix rjust rstrip split startswith strip swapcase title upper zfill".split()
    )

    def __init__(self, column):
        self._column = column

    def __getattr__(self, name):
        if name not in self._METHODS:
            raise AttributeError(f"a column of texts has no `str.{name}`; there are {', '.join(sorted(self._METHODS))}")
        return lambda *given: self._column._each(lambda value: getattr(value, name)(*given))

    def __getitem__(self, which):
        return self._column._each(lambda value: value[which])

    def len(self):
        return self._column._each(len)

    def slice(self, start=None, stop=None, step=None):
        return self[start:stop:step]

    def contains(self, pattern, case=True, na=None, regex=True):
        if regex:
            found = re.compile(pattern, 0 if case else re.IGNORECASE).search
        else:
            found = lambda value: pattern in value if case else pattern.lower() in value.lower()
        column = self._column._each(lambda value: bool(found(value)))
        return column if na is None else column.fillna(na)

    def replace(self, pattern, by, regex=False):
        if regex:
            return self._column._each(lambda value: re.sub(pattern, by, value))
        return self._column._each(lambda value: value.replace(pattern, by))


class _Dates:
    """`column.dt`: a part of each date that is there."""

    _PARTS = frozenset("year month day hour minute second microsecond date time".split())
    _CALCULATED = {
        "dayofweek": lambda value: value.weekday(),
        "weekday": lambda value: value.weekday(),
        "dayofyear": lambda value: value.timetuple().tm_yday,
        "quarter": lambda value: (value.month + 2) // 3,
        "days": lambda value: value.days,
    }

    def __init__(self, column):
        self._column = column

    def __getattr__(self, name):
        if name in self._CALCULATED:
            return self._column._each(self._CALCULATED[name])
        if name not in self._PARTS:
            there = ", ".join(sorted([*self._PARTS, *self._CALCULATED, "strftime", "total_seconds"]))
            raise AttributeError(f"a column of dates has no `dt.{name}`; there are {there}")

        def part(value):
            found = getattr(value, name, 0 if name in ("hour", "minute", "second", "microsecond") else value)
            return found() if callable(found) else found

        return self._column._each(part)

    def strftime(self, pattern):
        return self._column._each(lambda value: value.strftime(pattern))

    def total_seconds(self):
        return self._column._each(lambda value: value.total_seconds())


# A component imports while it is built, and nothing later. Arrays are columns themselves, so they come last.
from . import _array  # noqa: E402

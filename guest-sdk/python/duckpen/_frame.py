"""A table in memory, column by column: what functions on whole tables are given and give back."""

from collections import namedtuple

from ._series import Series, flags_of, is_missing, order, values_of


class Frame:
    """A table: names, and a column of values for each. None is what is missing. There is no index beside the position.

    It has a small part of what pandas calls a DataFrame; what it has means the same there. Asking for anything else is an
    error, never another result.

    | | |
    |---|---|
    | `Frame({"a": [1, 2]})`, `Frame([{"a": 1}, {"a": 2}])` | a table of columns, or of rows |
    | `len(t)`, `t.columns`, `t.shape`, `t.empty`, `"a" in t` | its size and names |
    | `t["a"]`, `t[["a", "b"]]`, `t[t["a"] > 1]`, `t[10:20]`, `t.a` | a column, some columns, some rows |
    | `t["c"] = t["a"] * t["b"]`, `t["d"] = 0`, `del t["a"]`, `t.loc[t["a"] > 1, "c"] = 0` | columns changed |
    | `copy`, `head`, `tail`, `assign`, `rename`, `drop`, `dropna`, `fillna`, `replace`, `astype`, `select_dtypes`, `sort_values`, `drop_duplicates` | a new table |
    | `for name in t`, `itertuples`, `iterrows`, `items`, `to_dict`, `apply(f, axis=1)` | row by row, column by column |
    | `t.groupby("a")["b"].sum()`, `.agg(...)`, `.transform(...)`, `t.merge(other, on="a", how="left")` | groups and joins |
    """

    def __init__(self, data=None, columns=None):
        object.__setattr__(self, "_columns", {})
        if isinstance(data, Frame):
            data = data._columns
        if data is None:
            data = {}
        if isinstance(data, dict):
            rows = next((len(values) for values in data.values() if isinstance(values, (Series, list, tuple, range))), None)
            if rows is None and data:
                raise ValueError("of values alone there is no telling how many rows a table has: give lists")
            for name, values in data.items():
                self._columns[name] = values_of(values, rows)
        else:
            records = list(data)
            if all(isinstance(record, dict) for record in records):
                names = dict.fromkeys(name for record in records for name in record)
                for name in columns or names:
                    self._columns[name] = [record.get(name) for record in records]
            else:
                for at, name in enumerate(columns or range(len(records[0]) if records else 0)):
                    self._columns[name] = [record[at] for record in records]
        if columns is not None:
            rows = len(self)
            object.__setattr__(self, "_columns", {name: self._columns.get(name, [None] * rows) for name in columns})

    @classmethod
    def below(cls, frames):
        """One table below the other; what a table has no column for is missing."""
        names = dict.fromkeys(name for frame in frames for name in frame.columns)
        columns = {name: [] for name in names}
        for frame in frames:
            for name in names:
                columns[name].extend(frame._columns.get(name, [None] * len(frame)))
        return cls(columns)

    # Size and names.

    @property
    def columns(self):
        return list(self._columns)

    @columns.setter
    def columns(self, names):
        names = list(names)
        if len(names) != len(self._columns):
            raise ValueError(f"{len(names)} names for {len(self._columns)} columns")
        object.__setattr__(self, "_columns", dict(zip(names, self._columns.values())))

    @property
    def shape(self):
        return (len(self), len(self._columns))

    @property
    def empty(self):
        return not len(self) or not self._columns

    @property
    def index(self):
        return range(len(self))

    @property
    def dtypes(self):
        return {name: self[name].dtype for name in self}

    def __len__(self):
        return len(next(iter(self._columns.values()), ()))

    def __iter__(self):
        return iter(self.columns)

    def __contains__(self, name):
        return name in self._columns

    def __bool__(self):
        raise ValueError("a table is neither true nor false: use its `empty`, or `len`")

    def __repr__(self):
        return f"<duckpen.Frame of {len(self)} rows: {', '.join(map(str, self.columns))}>"

    # Columns and rows.

    def __getitem__(self, which):
        if isinstance(which, Series) or isinstance(which, list) and which and all(isinstance(flag, bool) for flag in which):
            flags = flags_of(which, len(self))
            return self._rows([at for at, keep in enumerate(flags) if keep])
        if isinstance(which, slice):
            return Frame({name: values[which] for name, values in self._columns.items()})
        if isinstance(which, (list, tuple)):
            return Frame({name: self._column(name) for name in which})
        return Series(self._column(which), which)

    def __setitem__(self, which, values):
        if isinstance(which, list):
            parts = values.values() if isinstance(values, dict) else values
            parts = [values[name] for name in values.columns] if isinstance(values, Frame) else parts
            for name, part in zip(which, parts, strict=True):
                self[name] = part
            return
        rows = len(self)
        if not self._columns and isinstance(values, (Series, list, tuple, range)):
            rows = len(values)
        self._columns[which] = values_of(values, rows)

    def __delitem__(self, name):
        self._column(name)
        del self._columns[name]

    def __getattr__(self, name):
        if not name.startswith("_") and name in self._columns:
            return self[name]
        raise AttributeError(f"a table has no `{name}`, and no column of this name: what there is of pandas is described in duckpen.Frame")

    def __setattr__(self, name, value):
        if name == "columns":
            type(self).columns.__set__(self, value)
        elif name in self._columns:
            self[name] = value
        else:
            raise AttributeError(f"a table has no `{name}`: a column is made by t[{name!r}] = ...")

    @property
    def loc(self):
        """Rows by a condition, and a column of them: to read, or to change."""
        return _Located(self)

    @property
    def iloc(self):
        """Rows by their numbers: `t.iloc[0]` is a dictionary, `t.iloc[:10]` a table."""
        return _Numbered(self)

    def _column(self, name):
        try:
            return self._columns[name]
        except KeyError:
            raise KeyError(f"there is no column {name!r}; columns are {', '.join(map(str, self.columns))}") from None

    def _rows(self, numbers):
        return Frame({name: [values[at] for at in numbers] for name, values in self._columns.items()})

    # New tables.

    def copy(self, deep=True):
        return Frame(self._columns)

    def head(self, n=5):
        return self[:n]

    def tail(self, n=5):
        return self[max(0, len(self) - n) :] if n else self[:0]

    def assign(self, **columns):
        frame = self.copy()
        for name, values in columns.items():
            frame[name] = values(frame) if callable(values) else values
        return frame

    def rename(self, columns):
        change = columns if callable(columns) else lambda name: columns.get(name, name)
        return Frame({change(name): values for name, values in self._columns.items()})

    def drop(self, labels=None, columns=None, axis=None):
        names = columns if columns is not None else labels if axis in (1, "columns") else None
        if names is None:
            raise NotImplementedError("rows are dropped by a condition, t[~condition]; columns by drop(columns=[...])")
        names = [names] if isinstance(names, str) else list(names)
        for name in names:
            self._column(name)
        return Frame({name: values for name, values in self._columns.items() if name not in names})

    def dropna(self, subset=None):
        names = [subset] if isinstance(subset, str) else self.columns if subset is None else subset
        checked = [self._column(name) for name in names]
        return self._rows([at for at in range(len(self)) if not any(is_missing(values[at]) for values in checked)])

    def fillna(self, value):
        of = (lambda name: value.get(name)) if isinstance(value, dict) else lambda name: value
        return Frame({name: self[name] if of(name) is None else self[name].fillna(of(name)) for name in self})

    def astype(self, kinds):
        of = (lambda name: kinds.get(name)) if isinstance(kinds, dict) else lambda name: kinds
        return Frame({name: self[name] if of(name) is None else self[name].astype(of(name)) for name in self})

    def isna(self):
        return Frame({name: self[name].isna() for name in self})

    def notna(self):
        return Frame({name: self[name].notna() for name in self})

    def round(self, decimals=0):
        numeric = lambda values: all(is_missing(value) or isinstance(value, (int, float)) for value in values)
        return Frame({name: self[name].round(decimals) if numeric(self[name]) else self[name] for name in self})

    def select_dtypes(self, include=None, exclude=None):
        """The columns of some kinds, or all but those: `"number"`, `"object"`, `"bool"`, `"datetime"`, `int`, `float`."""
        wanted, unwanted = _kinds(include), _kinds(exclude)
        is_kept = lambda kind: (include is None or kind in wanted) and kind not in unwanted
        return Frame({name: values for name, values in self._columns.items() if is_kept(str(self[name].dtype))})

    def replace(self, to_replace, value=None):
        return Frame({name: self[name].replace(to_replace, value) for name in self})

    def sort_values(self, by, ascending=True):
        by = [by] if isinstance(by, str) else list(by)
        ascending = list(ascending) if isinstance(ascending, (list, tuple)) else [ascending] * len(by)
        return self._rows(order([self._column(name) for name in by], ascending))

    def drop_duplicates(self, subset=None, keep="first"):
        names = [subset] if isinstance(subset, str) else self.columns if subset is None else subset
        keys = list(zip(*(self._column(name) for name in names)))
        numbers = {}
        for at, key in enumerate(keys):
            if keep == "last" or key not in numbers:
                numbers[key] = at
        return self._rows(sorted(numbers.values()))

    def reset_index(self, drop=False):
        """The table as it is: it has no index."""
        return self.copy()

    # Row by row, column by column.

    def items(self):
        return [(name, self[name]) for name in self]

    def iterrows(self):
        return enumerate(self.to_dict("records"))

    def itertuples(self, index=True, name="Row"):
        names = [*(["Index"] if index else []), *(str(column) for column in self)]
        row = namedtuple(name, names, rename=True)
        columns = [*([range(len(self))] if index else []), *self._columns.values()]
        return map(row._make, zip(*columns))

    def to_dict(self, orient="list"):
        if orient == "records":
            return [dict(zip(self._columns, row)) for row in zip(*self._columns.values())]
        if orient == "list":
            return {name: list(values) for name, values in self._columns.items()}
        raise NotImplementedError(f'to_dict("list") and to_dict("records") are there, and not {orient!r}')

    def apply(self, function, axis=0):
        """A column of what the function gives for each row, given as a dictionary (`axis=1`)."""
        if axis not in (1, "columns"):
            raise NotImplementedError("apply works row by row, with axis=1")
        return Series(function(row) for row in self.to_dict("records"))

    # Groups and joins.

    def groupby(self, by, as_index=False, sort=True, dropna=True):
        """Rows with the same values in some columns. Of the results these are columns, too."""
        return Groups(self, [by] if isinstance(by, str) else list(by), sort, dropna)

    def merge(self, right, how="inner", on=None, left_on=None, right_on=None, suffixes=("_x", "_y")):
        """Rows of both tables that have the same values; `how` is inner or left."""
        names = lambda given: [given] if isinstance(given, str) else list(given)
        if on is None and left_on is None:
            on = [name for name in self if name in right]
        left_on, right_on = (names(on), names(on)) if on is not None else (names(left_on), names(right_on))
        if how not in ("inner", "left"):
            raise NotImplementedError(f'merge joins "inner" and "left", and not {how!r}')
        matches = {}
        for at, key in enumerate(zip(*(right._column(name) for name in right_on))):
            matches.setdefault(key, []).append(at)
        pairs = []
        for at, key in enumerate(zip(*(self._column(name) for name in left_on))):
            found = matches.get(key, [])
            pairs.extend((at, other) for other in found)
            if not found and how == "left":
                pairs.append((at, None))
        shared = [name for name, other in zip(left_on, right_on) if name == other]
        both = {name for name in self if name in right and name not in shared}
        columns = {}
        for name in self:
            columns[f"{name}{suffixes[0]}" if name in both else name] = [self._columns[name][at] for at, _ in pairs]
        for name in right:
            if name not in shared:
                values = right._columns[name]
                taken = [None if other is None else values[other] for _, other in pairs]
                columns[f"{name}{suffixes[1]}" if name in both else name] = taken
        return Frame(columns)


def _kinds(given):
    """The kinds of columns that pandas' words for them mean."""
    if given is None:
        return set()
    names = [given] if isinstance(given, (str, type)) else given
    kinds = set()
    for name in names:
        word = (name if isinstance(name, str) else name.__name__).lower()
        if word not in _KINDS:
            raise NotImplementedError(f"columns are selected by {', '.join(_KINDS)}, and not by {name!r}")
        kinds |= _KINDS[word]
    return kinds


_KINDS = {
    "number": {"int64", "float64"}, "int": {"int64"}, "int64": {"int64"}, "float": {"float64"}, "float64": {"float64"},
    "object": {"object"}, "bool": {"bool"}, "datetime": {"datetime64[ns]"}, "datetime64": {"datetime64[ns]"},
}  # fmt: skip


class Groups:
    """`t.groupby(...)`, and a column of it: `["b"]`."""

    _TOTALS = frozenset("sum mean median std var min max count nunique first last".split())

    def __init__(self, frame, by, sort, dropna, column=None):
        self._frame, self._by, self._sort, self._dropna, self._of = frame, by, sort, dropna, column

    def __getitem__(self, column):
        return Groups(self._frame, self._by, self._sort, self._dropna, column)

    def __iter__(self):
        """Of each group its value, or values, and its rows."""
        for key, numbers in self._groups():
            yield (key if len(self._by) > 1 else key[0]), self._frame._rows(numbers)

    def __getattr__(self, name):
        if name not in self._TOTALS:
            raise AttributeError(f"groups have no `{name}`; there are agg, transform, apply, size and {', '.join(sorted(self._TOTALS))}")
        return lambda: self.agg(name)

    def size(self):
        groups = self._groups()
        return Frame({**self._keys(groups), "size": [len(numbers) for _, numbers in groups]})

    def agg(self, how=None, **named):
        """`"sum"`, `{"b": "sum"}` or `total=("b", "sum")`; functions of a column do as well as their names."""
        if named:
            wanted = [(name, column, total) for name, (column, total) in named.items()]
        elif isinstance(how, dict):
            wanted = [(column, column, total) for column, total in how.items()]
        else:
            columns = [self._of] if isinstance(self._of, str) else self._of
            columns = columns or [name for name in self._frame if name not in self._by]
            wanted = [(column, column, how) for column in columns]
        groups = self._groups()
        results = self._keys(groups)
        for name, column, total in wanted:
            values = self._frame._column(column)
            results[name] = [_total(total, [values[at] for at in numbers]) for _, numbers in groups]
        return Frame(results)

    aggregate = agg

    def transform(self, how):
        """For each row of the table the total of its group, or what a function makes of the group's column."""
        if not isinstance(self._of, str):
            raise TypeError('transform works on one column: groupby("a")["b"].transform("sum")')
        values = self._frame._column(self._of)
        results = [None] * len(self._frame)
        for _, numbers in self._groups():
            found = _total(how, [values[at] for at in numbers])
            for at, value in zip(numbers, values_of(found, len(numbers))):
                results[at] = value
        return Series(results, self._of)

    def cumcount(self):
        results = [None] * len(self._frame)
        for _, numbers in self._groups():
            for count, at in enumerate(numbers):
                results[at] = count
        return Series(results)

    def cumsum(self):
        return self.transform(Series.cumsum)

    def shift(self, periods=1):
        return self.transform(lambda column: column.shift(periods))

    def rank(self, ascending=True):
        return self.transform(lambda column: column.rank(ascending=ascending))

    def apply(self, function):
        """One below the other, the tables that a function makes of the rows of each group."""
        made = [function(self._frame._rows(numbers)) for _, numbers in self._groups()]
        if all(isinstance(one, Frame) for one in made):
            return Frame.below(made)
        raise TypeError("a function of groups gives a table for each; totals are made by agg")

    def _groups(self):
        found = {}
        for at, key in enumerate(zip(*(self._frame._column(name) for name in self._by))):
            if not (self._dropna and any(is_missing(value) for value in key)):
                found.setdefault(key, []).append(at)
        if not self._sort:
            return list(found.items())
        keys = list(found)
        columns = [[key[at] for key in keys] for at in range(len(self._by))]
        return [(keys[at], found[keys[at]]) for at in order(columns, [True] * len(self._by))]

    def _keys(self, groups):
        return {name: [key[at] for key, _ in groups] for at, name in enumerate(self._by)}


def _total(how, values):
    column = Series(values)
    if callable(how):
        return how(column)
    if how == "size":
        return len(values)
    if how not in Groups._TOTALS and how not in ("cumsum", "rank"):
        raise ValueError(f"groups have no total {how!r}; there are {', '.join(sorted(Groups._TOTALS))}")
    return getattr(column, how)()


class _Located:
    def __init__(self, frame):
        self._frame = frame

    def __getitem__(self, which):
        rows, columns = which if isinstance(which, tuple) else (which, slice(None))
        frame = self._frame if isinstance(rows, slice) and rows == slice(None) else self._frame[_condition(rows)]
        return frame if isinstance(columns, slice) else frame[columns]

    def __setitem__(self, which, value):
        if not isinstance(which, tuple):
            raise TypeError("write t.loc[condition, column] = value")
        rows, column = which
        if isinstance(rows, slice) and rows == slice(None):
            self._frame[column] = value
            return
        flags = flags_of(_condition(rows), len(self._frame))
        old = self._frame._columns.get(column, [None] * len(flags))
        if isinstance(value, (Series, list, tuple)) and len(value) == sum(flags) != len(flags):
            given = iter(value)
            self._frame[column] = [next(given) if keep else one for keep, one in zip(flags, old)]
        else:
            new = values_of(value, len(flags))
            self._frame[column] = [two if keep else one for keep, one, two in zip(flags, old, new)]


def _condition(rows):
    if isinstance(rows, (Series, list)):
        return rows
    raise TypeError("a table has no index: rows are chosen by a condition, or by number with iloc")


class _Numbered:
    def __init__(self, frame):
        self._frame = frame

    def __getitem__(self, which):
        if isinstance(which, slice):
            return self._frame[which]
        if isinstance(which, int):
            return {name: values[which] for name, values in self._frame._columns.items()}
        if isinstance(which, list):
            return self._frame._rows(which)
        raise TypeError("rows are chosen by a number, several numbers or a slice")

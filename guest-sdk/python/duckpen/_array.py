"""Values in a row, as numpy has them: what is no number spoils a total, and a spread is that of all values there are."""

import math

from ._series import Series, is_missing


class Array(Series):
    """One dimension of numpy's arrays, a small part of it; what it has means the same."""

    @property
    def shape(self):
        return (len(self),)

    @property
    def ndim(self):
        return 1

    def std(self, ddof=0):
        return super().std(ddof)

    def var(self, ddof=0):
        return super().var(ddof)

    def __repr__(self):
        return f"duckpen.Array({self._values!r})"

    def _new(self, values):
        return Array(values)

    def _present(self):
        return [math.nan] if any(map(is_missing, self._values)) else self._values

    def _running(self, add):
        total = None
        totals = []
        for value in self._values:
            total = value if total is None else math.nan if is_missing(total) or is_missing(value) else add(total, value)
            totals.append(total)
        return self._new(totals)

"""What a function of SQLFlow's kind returns, made what was declared: DuckDB's Python client casts results, and so is it here."""

import datetime
import decimal

from . import _types


class Coerced(_types.Type):
    """A type that takes whatever can be cast to it."""

    def __init__(self, inner, where):
        self.name = inner.name
        self.empty = inner.empty
        self._inner = inner
        self._where = where
        self._cast = _CASTS.get(inner.name.split("(")[0])

    def take(self, node, children):
        return self._inner.take(node, children)

    def put(self, values):
        return self._inner.put([self._one(value) for value in values])

    def _one(self, value):
        # What is no number is missing: it is what a calculation with missing values leaves.
        if value is None or isinstance(value, float) and value != value:
            return None
        if self._cast is None:
            return value
        try:
            return self._cast(value)
        except (TypeError, ValueError, ArithmeticError):
            raise TypeError(f"{self._where} is declared {self.name}, and got {value!r}") from None


def _integer(value):
    if isinstance(value, (float, decimal.Decimal)):
        return int(decimal.Decimal(value).to_integral_value(decimal.ROUND_HALF_EVEN))
    return int(value)


def _text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    return value if isinstance(value, str) else str(value)


def _flag(value):
    if isinstance(value, str):
        if value.lower() in ("true", "t", "1", "yes"):
            return True
        if value.lower() in ("false", "f", "0", "no"):
            return False
        raise ValueError(value)
    if isinstance(value, (int, float)):
        return bool(value)
    raise TypeError(value)


def _date(value):
    if isinstance(value, datetime.datetime):
        return value.date()
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(value)


def _moment(value):
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)
    return datetime.datetime.fromisoformat(value)


def _number(value):
    if isinstance(value, (datetime.date, datetime.time)):
        raise TypeError(value)
    return float(value)


def _decimal(value):
    return decimal.Decimal(str(value) if isinstance(value, float) else value)


def _bytes(value):
    return value.encode() if isinstance(value, str) else bytes(value)


_CASTS = {
    **dict.fromkeys("TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT HUGEINT UHUGEINT".split(), _integer),
    **dict.fromkeys(["FLOAT", "DOUBLE"], _number),
    **dict.fromkeys(["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"], _moment),
    "DECIMAL": _decimal,
    "VARCHAR": _text,
    "BOOLEAN": _flag,
    "DATE": _date,
    "BLOB": _bytes,
}

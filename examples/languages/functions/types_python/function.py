"""Values of every type of SQL, in and out."""

import collections
import datetime
import decimal
import uuid
from typing import Annotated, TypedDict

import duckpen


class Point(TypedDict):
    x: int
    y: int


@duckpen.function
def following_python(day: datetime.date) -> datetime.date:
    """The day after."""
    return day + datetime.timedelta(days=1)


@duckpen.function
def since_python(later: datetime.datetime, earlier: datetime.datetime) -> datetime.timedelta:
    """The time between two moments."""
    return later - earlier


@duckpen.function
def reversed_python(value: bytes) -> bytes:
    """The bytes from the last to the first."""
    return value[::-1]


# Functions of one name and other parameters are overloads.
@duckpen.function(name="reversed_python")
def reversed_text(value: str) -> str:
    """The characters from the last to the first."""
    return value[::-1]


@duckpen.function
def with_tax_python(price: decimal.Decimal, percent: decimal.Decimal = decimal.Decimal(19)) -> decimal.Decimal:
    """The price with a tax, 19 percent where nothing is said."""
    return price * (100 + percent) / 100


@duckpen.function
def counted_python(words: list[str]) -> dict[str, int]:
    """How often each word is there."""
    return dict(collections.Counter(words))


@duckpen.function
def middle_python(points: list[Point]) -> Point | None:
    """The point in the middle of others, as far as whole numbers go."""
    if not points:
        return None
    return {"x": sum(point["x"] for point in points) // len(points), "y": sum(point["y"] for point in points) // len(points)}


@duckpen.aggregate
class FirstAndLastPython:
    """The first and the last of some days."""

    def __init__(self):
        self.first = self.last = None

    def step(self, day: datetime.date) -> None:
        self.first = day if self.first is None else min(self.first, day)
        self.last = day if self.last is None else max(self.last, day)

    def merge(self, other: "FirstAndLastPython") -> None:
        if other.first is not None:
            self.step(other.first)
            self.step(other.last)

    def finish(self) -> list[datetime.date]:
        return [] if self.first is None else [self.first, self.last]


def _same(kind, name="same_python"):
    def same(value: Annotated[object, kind]) -> Annotated[object, kind]:
        return value

    duckpen.function(same, name=name)


# What a function gets it can give back, whatever the type.
for kind in [
    "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
    "UHUGEINT", "FLOAT", "DOUBLE", "VARCHAR", "BLOB",
    "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE", "INTERVAL",
    "UUID", "ENUM('red', 'green')", "INTEGER[]", "VARCHAR[2]", "DATE[][]", 'STRUCT(a INTEGER, "b c" BLOB[])',
    "MAP(VARCHAR, DECIMAL(9,2))", "STRUCT(d DATE, m MAP(INTEGER, VARCHAR[]))[]",
]:  # fmt: skip
    _same(kind)

# DuckDB does not choose between overloads that differ in the digits of a DECIMAL.
for width, scale in [(4, 2), (9, 3), (18, 0), (38, 10)]:
    _same(f"DECIMAL({width},{scale})", f"same_{width}_digits_python")


@duckpen.function
def named_python(kind: str, value: str) -> Annotated[int, "TINYINT"]:
    """What is none of its type is an error of its row, and never another value."""
    return {"text": value, "number": int(value), "fraction": int(value) / 2}[kind]


@duckpen.function
def version_python(namespace: uuid.UUID) -> int:
    """The version of a UUID."""
    return namespace.version or 0

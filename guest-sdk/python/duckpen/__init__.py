"""Functions for SQL in Python.

A function with type hints becomes a scalar function, a class with ``step``, ``merge`` and ``finish`` an aggregate::

    import duckpen

    @duckpen.function
    def initials(name: str) -> str:
        "The first letters of the words of a name."
        return "".join(word[0].upper() for word in name.split())

    @duckpen.aggregate
    class longest:
        def __init__(self):
            self.text = None

        def step(self, text: str) -> None:
            if self.text is None or len(text) > len(self.text):
                self.text = text

        def merge(self, other: "longest") -> None:
            if other.text is not None:
                self.step(other.text)

        def finish(self) -> str | None:
            return self.text

| Python | SQL |
|---|---|
| ``bool``, ``int``, ``float`` | BOOLEAN, BIGINT, DOUBLE |
| ``str``, ``bytes`` | VARCHAR, BLOB |
| ``date``, ``time``, ``datetime``, ``timedelta`` | DATE, TIME, TIMESTAMP, INTERVAL |
| ``Decimal`` | DECIMAL(18,3) |
| ``UUID`` | UUID |
| ``list[T]``, ``dict[K, V]`` | LIST, MAP |
| a ``TypedDict`` | STRUCT |
| ``Annotated[int, "INTEGER"]`` | the type that is named |

A parameter hinted ``T | None`` sees NULL; a row with a NULL for any other gives NULL without a call. A parameter with a
default may be left out in SQL. Functions of one ``name`` and other parameters are overloads::

    @duckpen.function(name="doubled")
    def doubled_number(value: int) -> int:
        return 2 * value

    @duckpen.function(name="doubled")
    def doubled_text(value: str) -> str:
        return value + value

An exception is an error of the query, and so is a result that is none of its type.
"""

from ._declarations import aggregate, function, python_scalar_udf, python_table_udf
from ._frame import Frame
from ._series import Series

__all__ = ["Frame", "Series", "aggregate", "function", "python_scalar_udf", "python_table_udf"]

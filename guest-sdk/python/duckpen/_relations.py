"""The export of functions on tables."""

from wit_world.exports import relation
from wit_world.imports import batches, declarations

from . import _modules, _types
from ._coercion import Coerced
from ._component import failing
from ._frame import Frame


class Relation:
    def describe(self):
        return [
            relation.Declaration(
                name=table.name,
                named=[declarations.Parameter(name=name, logical_type=kind.name) for name, kind in table.named],
                doc=table.doc,
            )
            for table in _modules.tables
        ]

    def open(self, index, fields, named):
        with failing():
            table = _modules.tables[index]
            types = dict(table.named)
            given = {one.name: types[one.name].decode(one.value)[0] for one in named}
            return Mapping(table, [(field.name, _types.named(field.logical_type)) for field in fields], given)


class Mapping:
    def __init__(self, table, fields, given):
        self._table = table
        self._given = given
        self._fields = fields
        self._columns = {name: [] for name, _ in fields}
        self._result = []
        self._rows = self._next = 0

    def push(self, rows, columns):
        with failing():
            for (name, kind), column in zip(self._fields, columns, strict=True):
                self._columns[name].extend(kind.decode(column))

    def finish(self):
        with failing():
            frame = Frame(self._columns)
            # What the function changes or drops need not be held twice.
            self._columns = {}
            result = self._table.function(frame, **self._given)
            self._rows = len(result)
            fields = []
            for name, column in result.items():
                values = column.tolist()
                declared = self._table.output_schema.get(name)
                try:
                    kind = _types.named(declared) if declared else _types.of_values([None if _is_nan(v) else v for v in values])
                except TypeError as error:
                    raise TypeError(f"column {name}: {error}") from None
                self._result.append((Coerced(kind, f"column {name}"), values))
                fields.append(relation.Field(name=str(name), logical_type=kind.name))
            if not fields:
                raise ValueError(f"Table UDF {self._table.name} returned a table without columns")
            return fields

    def next(self, most):
        with failing():
            start, end = self._next, min(self._next + most, self._rows)
            if start < end:
                self._next = end
                batches.emit(end - start, [kind.encode(values[start:end]) for kind, values in self._result])


def _is_nan(value):
    return isinstance(value, float) and value != value

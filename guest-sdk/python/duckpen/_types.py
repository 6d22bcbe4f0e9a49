"""Types of SQL as values of Python, a whole column at a time."""

import datetime
import decimal
import re
import reprlib
import struct
import types
import typing
import uuid

from wit_world.imports import columns

_EPOCH = datetime.datetime(1970, 1, 1)
_EPOCH_DAY = _EPOCH.toordinal()
_MICROSECOND = datetime.timedelta(microseconds=1)
# In microseconds.
_DAY = 86_400_000_000
# What is larger than this is infinite in single precision.
_MOST_FLOAT = 3.4028235677973362e38
# Digits of the widest DECIMAL.
_DECIMALS = decimal.Context(prec=38, rounding=decimal.ROUND_HALF_UP)


class Type:
    """A type of SQL: how a column of it becomes a list, and a list becomes a column."""

    def __init__(self, name, empty, decode, encode, kinds):
        self.name = name
        # What stands in the slot of a NULL on the way out.
        self.empty = empty
        # Classes of Python whose values can be one of the type.
        self._kinds = kinds
        self._decode = decode
        self._encode = encode

    def decode(self, column):
        """The values of a column, with None for NULL."""
        return self.take(column.root, iter(column.children))

    def encode(self, values):
        """The column of a list, in which None is NULL."""
        root, *children = self.put(values)
        return columns.Column(root=root, children=children)

    def take(self, node, children):
        """The values of a node; those below it come next in `children`."""
        return _with_nulls(node, self._decode(node.values.value, node.rows))

    def put(self, values):
        """The nodes of a list, its own first."""
        values, validity = _without_nulls(values, self.empty)
        _check(self, values, self._kinds)
        return [columns.Node(rows=len(values), values=self._encode(values), validity=validity)]


class List(Type):
    """Lists: those of a fixed length have it as `size`."""

    def __init__(self, element, size=None):
        self.name = f"{element.name}[{'' if size is None else size}]"
        self.empty = [] if size is None else [None] * size
        self._element = element
        self._size = size

    def take(self, node, children):
        offsets = node.values.value
        elements = self._element.take(next(children), children)
        if self._size is not None:
            offsets = range(0, (node.rows + 1) * self._size, self._size)
        return _with_nulls(node, [elements[start:end] for start, end in zip(offsets, offsets[1:])])

    def put(self, values):
        values, validity = _without_nulls(values, self.empty)
        _check(self, values, (list, tuple))
        elements, offsets = [], [0]
        for value in values:
            elements.extend(value)
            offsets.append(len(elements))
            if self._size is not None and len(value) != self._size:
                raise ValueError(f"a list of {len(value)} is no {self.name}")
        shape = columns.Values_ListOffsets(offsets) if self._size is None else columns.Values_FixedList(self._size)
        return [columns.Node(rows=len(values), values=shape, validity=validity), *self._element.put(elements)]


class Struct(Type):
    """Dictionaries with the same keys in all rows."""

    def __init__(self, fields):
        self.name = f"STRUCT({', '.join(_quoted(name) + ' ' + field.name for name, field in fields)})"
        self.empty = {}
        self._fields = fields

    def take(self, node, children):
        parts = [field.take(next(children), children) for _, field in self._fields]
        names = [name for name, _ in self._fields]
        return _with_nulls(node, [dict(zip(names, row)) for row in zip(*parts)])

    def put(self, values):
        values, validity = _without_nulls(values, self.empty)
        _check(self, values, dict)
        nodes = [columns.Node(rows=len(values), values=columns.Values_StructOf(len(self._fields)), validity=validity)]
        for name, field in self._fields:
            nodes.extend(field.put([value.get(name) for value in values]))
        return nodes


class Map(Type):
    """Dictionaries of any keys."""

    def __init__(self, key, value):
        self.name = f"MAP({key.name}, {value.name})"
        self.empty = {}
        self._entries = List(Struct([("key", key), ("value", value)]))

    def take(self, node, children):
        rows = self._entries.take(node, children)
        return [row if row is None else {entry["key"]: entry["value"] for entry in row} for row in rows]

    def put(self, values):
        present = [value for value in values if value is not None]
        _check(self, present, dict)
        if any(None in value for value in present):
            raise TypeError(f"a key of {self.name} is None")
        entries = lambda value: [{"key": key, "value": one} for key, one in value.items()]
        return self._entries.put([value if value is None else entries(value) for value in values])


def _check(kind, values, classes):
    """Refuses what is none of these: some of it would become another value on its way."""
    for value in values:
        if not isinstance(value, classes):
            raise _unfit(value, kind.name)


def _unfit(value, name):
    return TypeError(f"{reprlib.repr(value)} is no {name}")


def _with_nulls(node, values):
    if node.validity is None:
        return values
    return [value if valid else None for value, valid in zip(values, _bits(node.validity, node.rows))]


def _without_nulls(values, empty):
    """The values with something in the place of None, and which of them are none."""
    # Not `None in values`, which asks every value whether it is equal to None.
    if not any(value is None for value in values):
        return values, None
    validity = _packed([value is not None for value in values])
    return [empty if value is None else value for value in values], validity


def _quoted(name):
    return '"' + name.replace('"', '""') + '"'


def _bits(packed, rows):
    return [bool(packed[row >> 3] >> (row & 7) & 1) for row in range(rows)]


def _packed(flags):
    packed = bytearray((len(flags) + 7) >> 3)
    for row, flag in enumerate(flags):
        if flag:
            packed[row >> 3] |= 1 << (row & 7)
    return bytes(packed)


def _plain(values, _rows):
    return values


def _var_data(values):
    offsets = [0]
    end = 0
    for value in values:
        end += len(value)
        offsets.append(end)
    return columns.VarData(offsets=offsets, bytes=b"".join(values))


def _decode_text(data, _rows):
    offsets = data.offsets
    if data.bytes.isascii():
        text = data.bytes.decode("ascii")
        return [text[start:end] for start, end in zip(offsets, offsets[1:])]
    return [data.bytes[start:end].decode() for start, end in zip(offsets, offsets[1:])]


def _decode_blobs(data, _rows):
    return [data.bytes[start:end] for start, end in zip(data.offsets, data.offsets[1:])]


def _signed_words(words, _rows):
    pairs = zip(words[0::2], words[1::2])
    return [low | (high - (1 << 64) if high >> 63 else high) << 64 for low, high in pairs]


def _words(values):
    words = []
    for value in values:
        words.append(value & 0xFFFF_FFFF_FFFF_FFFF)
        words.append(value >> 64 & 0xFFFF_FFFF_FFFF_FFFF)
    return columns.Values_Words128(words)


def _integer(name, bits, signed, case):
    low = -(1 << (bits - 1)) if signed else 0
    high = low + (1 << bits)

    def encode(values):
        _check_range(values, low, high, name)
        # A list of single bytes crosses as `bytes`.
        return case(bytes(value & 0xFF for value in values) if bits == 8 else values)

    def decode(values, rows):
        if bits == 8:
            return list(struct.unpack(f"{rows}{'b' if signed else 'B'}", bytes(values)))
        return values

    return Type(name, 0, decode, encode, int)


def _check_range(values, low, high, name):
    for value in values:
        if not low <= value < high:
            raise _unfit(value, name)


def _huge(name, low, decode):
    def encode(values):
        _check_range(values, low, low + (1 << 128), name)
        return _words(values)

    return Type(name, 0, decode, encode, int)


def _float(name, case, most):
    def encode(values):
        numbers = [float(value) for value in values]
        for value in numbers:
            if most < abs(value) < float("inf"):
                raise _unfit(value, name)
        return case(numbers)

    return Type(name, 0.0, _plain, encode, (int, float, decimal.Decimal))


def _decimal(width, scale):
    case = next(
        (case for most, case in [(4, columns.Values_Int16), (9, columns.Values_Int32), (18, columns.Values_Int64)] if width <= most),
        None,
    )
    unit = decimal.Decimal(1).scaleb(-scale)
    name = f"DECIMAL({width},{scale})"

    def decode(values, rows):
        numbers = values if case else _signed_words(values, rows)
        return [decimal.Decimal(number).scaleb(-scale, _DECIMALS) for number in numbers]

    def encode(values):
        try:
            numbers = [int(decimal.Decimal(value).quantize(unit, context=_DECIMALS).scaleb(scale, _DECIMALS)) for value in values]
        # Of what is too long, and of what is no number or has no end.
        except (decimal.InvalidOperation, ValueError, OverflowError):
            raise ValueError(f"a result is no {name}") from None
        for value, number in zip(values, numbers):
            if abs(number) >= 10**width:
                raise _unfit(value, name)
        return case(numbers) if case else _words(numbers)

    return Type(name, decimal.Decimal(0), decode, encode, (decimal.Decimal, int, float))


def _timestamps(name, micros_of, of_micros, zone=None):
    """Moments in some unit: how many microseconds one is, and the other way round."""
    epoch = _EPOCH.replace(tzinfo=zone)

    def encode(values):
        # A moment in another zone is the same moment; one without any is taken as it stands.
        shifted = (value.astimezone(zone) if zone and value.tzinfo else value.replace(tzinfo=zone) for value in values)
        units = [of_micros((value - epoch) // _MICROSECOND) for value in shifted]
        _check_range(units, -(1 << 63), 1 << 63, name)
        return columns.Values_Int64(units)

    def decode(units, _rows):
        return [epoch + datetime.timedelta(microseconds=micros_of(unit)) for unit in units]

    return Type(name, epoch, decode, encode, datetime.datetime)


def _intervals(words, _rows):
    """A month is 30 days: what has no length of its own gets one."""
    days = [(low >> 32, low & 0xFFFF_FFFF) for low in words[0::2]]
    signed = lambda word, bits: word - (1 << bits) if word >> (bits - 1) else word
    return [
        datetime.timedelta(days=signed(day, 32) + 30 * signed(month, 32), microseconds=signed(high, 64))
        for (day, month), high in zip(days, words[1::2])
    ]


def _encode_intervals(values):
    words = []
    for value in values:
        micros = value // _MICROSECOND
        # Of one sign, as DuckDB has them: Python keeps a second before midnight as minus one day and 23:59:59.
        days = abs(micros) // _DAY * (1 if micros > 0 else -1)
        words.append((days & 0xFFFF_FFFF) << 32)
        words.append(micros - days * _DAY & 0xFFFF_FFFF_FFFF_FFFF)
    return columns.Values_Words128(words)


def _midnight(micro):
    return (_EPOCH + datetime.timedelta(microseconds=micro)).time()


def _of_day(time):
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond


_PLAIN = {
    plain.name: plain
    for plain in [
        Type("BOOLEAN", False, _bits, lambda values: columns.Values_Bits(_packed(values)), bool),
        _integer("TINYINT", 8, True, columns.Values_Int8),
        _integer("SMALLINT", 16, True, columns.Values_Int16),
        _integer("INTEGER", 32, True, columns.Values_Int32),
        _integer("BIGINT", 64, True, columns.Values_Int64),
        _integer("UTINYINT", 8, False, columns.Values_Uint8),
        _integer("USMALLINT", 16, False, columns.Values_Uint16),
        _integer("UINTEGER", 32, False, columns.Values_Uint32),
        _integer("UBIGINT", 64, False, columns.Values_Uint64),
        _float("FLOAT", columns.Values_Float32, _MOST_FLOAT),
        _float("DOUBLE", columns.Values_Float64, float("inf")),
        _huge("HUGEINT", -(1 << 127), _signed_words),
        _huge("UHUGEINT", 0, lambda words, _rows: [low | high << 64 for low, high in zip(words[0::2], words[1::2])]),
        Type("VARCHAR", "", _decode_text, lambda values: columns.Values_Bytes(_var_data([value.encode() for value in values])), str),
        Type("BLOB", b"", _decode_blobs, lambda values: columns.Values_Bytes(_var_data(values)), (bytes, bytearray)),
        Type(
            "DATE",
            datetime.date(1970, 1, 1),
            lambda days, _rows: [datetime.date.fromordinal(day + _EPOCH_DAY) for day in days],
            lambda values: columns.Values_Int32([value.toordinal() - _EPOCH_DAY for value in values]),
            datetime.date,
        ),
        Type(
            "TIME",
            datetime.time(),
            lambda micros, _rows: [_midnight(micro) for micro in micros],
            lambda values: columns.Values_Int64([_of_day(value) for value in values]),
            datetime.time,
        ),
        _timestamps("TIMESTAMP", lambda unit: unit, lambda micros: micros),
        _timestamps("TIMESTAMP_S", lambda unit: unit * 1_000_000, lambda micros: micros // 1_000_000),
        _timestamps("TIMESTAMP_MS", lambda unit: unit * 1_000, lambda micros: micros // 1_000),
        _timestamps("TIMESTAMP_NS", lambda unit: unit // 1_000, lambda micros: micros * 1_000),
        _timestamps("TIMESTAMP WITH TIME ZONE", lambda unit: unit, lambda micros: micros, datetime.timezone.utc),
        Type("INTERVAL", datetime.timedelta(), _intervals, _encode_intervals, datetime.timedelta),
        Type(
            "UUID",
            uuid.UUID(int=0),
            lambda words, _rows: [uuid.UUID(int=high << 64 | low) for low, high in zip(words[0::2], words[1::2])],
            lambda values: _words([value.int for value in values]),
            uuid.UUID,
        ),
    ]
}

_OF_PYTHON = {
    bool: "BOOLEAN",
    int: "BIGINT",
    float: "DOUBLE",
    str: "VARCHAR",
    bytes: "BLOB",
    datetime.date: "DATE",
    datetime.time: "TIME",
    datetime.datetime: "TIMESTAMP",
    datetime.timedelta: "INTERVAL",
    decimal.Decimal: "DECIMAL(18,3)",
    uuid.UUID: "UUID",
}


_OTHER_NAMES = {
    "BOOL": "BOOLEAN", "LOGICAL": "BOOLEAN", "INT1": "TINYINT", "INT2": "SMALLINT", "SHORT": "SMALLINT",
    "INT": "INTEGER", "INT4": "INTEGER", "SIGNED": "INTEGER", "INT8": "BIGINT", "LONG": "BIGINT", "INT64": "BIGINT",
    "REAL": "FLOAT", "FLOAT4": "FLOAT", "FLOAT8": "DOUBLE", "FLOAT64": "DOUBLE",
    "TEXT": "VARCHAR", "STRING": "VARCHAR", "CHAR": "VARCHAR", "BPCHAR": "VARCHAR", "JSON": "VARCHAR",
    "BYTEA": "BLOB", "BINARY": "BLOB", "VARBINARY": "BLOB", "DATETIME": "TIMESTAMP", "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
    "DECIMAL": "DECIMAL(18,3)", "NUMERIC": "DECIMAL(18,3)",
}  # fmt: skip


def named(name):
    """The type of a name in SQL, with DuckDB's other names of it."""
    parser = _Parser(name)
    found = parser.type()
    if parser.rest:
        raise parser.error()
    return found


class _Parser:
    """Reads the name of a type, from left to right."""

    def __init__(self, name):
        self._name = name
        self.rest = name.strip()

    def error(self):
        return TypeError(f"the type {self._name} cannot be used in Python")

    def type(self):
        found = self._innermost()
        while self._take("["):
            size = self._match(r"\d*")
            self._expect("]")
            found = List(found, int(size) if size else None)
        return found

    def _innermost(self):
        if self._match(r"TIMESTAMP\s+WITH\s+TIME\s+ZONE\b"):
            return _PLAIN["TIMESTAMP WITH TIME ZONE"]
        word = self._match(r"\w+").upper()
        if word == "DOUBLE":
            self._match(r"PRECISION\b")
        if word == "STRUCT":
            return Struct(self._all(lambda: (self._field_name(), self.type())))
        if word == "MAP":
            return Map(*self._all(self.type))
        if word == "ENUM":
            return _enum(self._all(self._text))
        if word in ("DECIMAL", "NUMERIC", "DEC") and self.rest.startswith("("):
            width, *scale = self._all(lambda: int(self._match(r"\d+") or -1))
            scale = scale[0] if scale else 0
            if 0 < width <= 38 and 0 <= scale <= width:
                return _decimal(width, scale)
            raise self.error()
        if word in ("VARCHAR", "TEXT", "STRING", "CHAR") and self.rest.startswith("("):
            self._all(lambda: self._match(r"\d+"))
        word = _OTHER_NAMES.get(word, word)
        if word in _PLAIN:
            return _PLAIN[word]
        if word.startswith("DECIMAL("):
            return named(word)
        raise self.error()

    def _all(self, one):
        self._expect("(")
        found = [one()]
        while self._take(","):
            found.append(one())
        self._expect(")")
        return found

    def _field_name(self):
        quoted = self._match(r'"(?:[^"]|"")*"')
        return quoted[1:-1].replace('""', '"') if quoted else self._match(r"\w+")

    def _text(self):
        quoted = self._match(r"'(?:[^']|'')*'")
        if not quoted:
            raise self.error()
        return quoted[1:-1].replace("''", "'")

    def _match(self, pattern):
        found = re.match(pattern, self.rest, re.IGNORECASE)
        if not found:
            return ""
        self.rest = self.rest[found.end() :].lstrip()
        return found[0].strip()

    def _take(self, symbol):
        found = self.rest.startswith(symbol)
        if found:
            self.rest = self.rest[len(symbol) :].lstrip()
        return found

    def _expect(self, symbol):
        if not self._take(symbol):
            raise self.error()


def _enum(names):
    cases = [(256, columns.Values_Uint8), (65536, columns.Values_Uint16), (1 << 32, columns.Values_Uint32)]
    case = next(case for most, case in cases if len(names) <= most)
    numbers = {name: number for number, name in enumerate(names)}

    def encode(values):
        unknown = next((value for value in values if value not in numbers), None)
        if unknown is not None:
            raise _unfit(unknown, name)
        found = [numbers[value] for value in values]
        return case(bytes(found) if case is columns.Values_Uint8 else found)

    name = f"ENUM({', '.join(_literal(name) for name in names)})"
    return Type(name, names[0], lambda found, _rows: [names[number] for number in found], encode, str)


def _literal(text):
    return "'" + text.replace("'", "''") + "'"


def of_hint(hint):
    """The type of a hint, and whether it allows None."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        members = [member for member in typing.get_args(hint) if member is not type(None)]
        if len(members) == 1 and len(typing.get_args(hint)) == 2:
            return of_hint(members[0])[0], True
    if typing.is_typeddict(hint):
        fields = typing.get_type_hints(hint, include_extras=True).items()
        return Struct([(name, of_hint(field)[0]) for name, field in fields]), False
    if typing.get_origin(hint) is typing.Annotated:
        return named(next(note for note in hint.__metadata__ if isinstance(note, str))), False
    if typing.get_origin(hint) is list and typing.get_args(hint):
        return List(of_hint(typing.get_args(hint)[0])[0]), False
    if typing.get_origin(hint) is dict and len(typing.get_args(hint)) == 2:
        key, value = typing.get_args(hint)
        return Map(of_hint(key)[0], of_hint(value)[0]), False
    if hint in _OF_PYTHON:
        return named(_OF_PYTHON[hint]), False
    raise TypeError(f"the hint {getattr(hint, '__name__', hint)} is no type of SQL")


def of_values(values):
    """The type that a whole column has; VARCHAR where there is nothing but None."""
    values = [value for value in values if value is not None]
    kinds = {type(value) for value in values}
    if kinds == {int, float}:
        return _PLAIN["DOUBLE"]
    if len(kinds) > 1:
        raise TypeError(f"a column has values of several types: {', '.join(sorted(kind.__name__ for kind in kinds))}")
    if not kinds:
        return _PLAIN["VARCHAR"]
    kind = kinds.pop()
    if kind is int:
        return _PLAIN["BIGINT" if all(-(1 << 63) <= value < 1 << 63 for value in values) else "HUGEINT"]
    if kind is decimal.Decimal:
        return _decimal(38, min(38, max(max(0, -value.as_tuple().exponent) for value in values)))
    if kind is datetime.datetime and values[0].tzinfo:
        return _PLAIN["TIMESTAMP WITH TIME ZONE"]
    if kind is datetime.timedelta:
        return _PLAIN["INTERVAL"]
    if kind in (list, tuple):
        return List(of_values([element for value in values for element in value]))
    if kind is dict:
        names = dict.fromkeys(name for value in values for name in value)
        return Struct([(str(name), of_values([value.get(name) for value in values])) for name in names])
    if kind in _OF_PYTHON:
        return named(_OF_PYTHON[kind])
    raise TypeError(f"values of type {kind.__name__} are nothing that SQL has")

"""Types of SQL as values of Python, a whole column at a time."""

import datetime
import decimal
import re
import struct
import types
import typing
import uuid

from wit_world.imports import columns

_EPOCH = datetime.datetime(1970, 1, 1)
_EPOCH_DAY = _EPOCH.toordinal()
_MICROSECOND = datetime.timedelta(microseconds=1)
# Digits of the widest DECIMAL.
_DECIMALS = decimal.Context(prec=38, rounding=decimal.ROUND_HALF_UP)


class Type:
    """A type of SQL: how a column of it becomes a list, and a list becomes a column."""

    def __init__(self, name, empty, decode, encode):
        self.name = name
        # What stands in the slot of a NULL on the way out.
        self.empty = empty
        self._decode = decode
        self._encode = encode

    def decode(self, column):
        """The values of a column, with None for NULL."""
        node = column.root
        values = self._decode(node.values.value, node.rows)
        if node.validity is None:
            return values
        return [value if valid else None for value, valid in zip(values, _bits(node.validity, node.rows))]

    def encode(self, values):
        """The column of a list, in which None is NULL."""
        validity = None
        if None in values:
            validity = _packed([value is not None for value in values])
            values = [self.empty if value is None else value for value in values]
        return columns.Column(root=columns.Node(rows=len(values), values=self._encode(values), validity=validity), children=[])


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
        for value in values:
            if not low <= value < high:
                raise ValueError(f"{value} is no {name}")
        # A list of single bytes crosses as `bytes`.
        return case(bytes(value & 0xFF for value in values) if bits == 8 else values)

    def decode(values, rows):
        if bits == 8:
            return list(struct.unpack(f"{rows}{'b' if signed else 'B'}", bytes(values)))
        return values

    return Type(name, 0, decode, encode)


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
        except decimal.InvalidOperation:
            raise ValueError(f"a result is no {name}") from None
        for number in numbers:
            if abs(number) >= 10**width:
                raise ValueError(f"a result is no {name}")
        return case(numbers) if case else _words(numbers)

    return Type(name, decimal.Decimal(0), decode, encode)


def _timestamp(micros, _rows):
    return [_EPOCH + datetime.timedelta(microseconds=micro) for micro in micros]


def _midnight(micro):
    return (_EPOCH + datetime.timedelta(microseconds=micro)).time()


def _of_day(time):
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond


_PLAIN = {
    plain.name: plain
    for plain in [
        Type("BOOLEAN", False, _bits, lambda values: columns.Values_Bits(_packed(values))),
        _integer("TINYINT", 8, True, columns.Values_Int8),
        _integer("SMALLINT", 16, True, columns.Values_Int16),
        _integer("INTEGER", 32, True, columns.Values_Int32),
        _integer("BIGINT", 64, True, columns.Values_Int64),
        _integer("UTINYINT", 8, False, columns.Values_Uint8),
        _integer("USMALLINT", 16, False, columns.Values_Uint16),
        _integer("UINTEGER", 32, False, columns.Values_Uint32),
        _integer("UBIGINT", 64, False, columns.Values_Uint64),
        Type("FLOAT", 0.0, _plain, lambda values: columns.Values_Float32([float(value) for value in values])),
        Type("DOUBLE", 0.0, _plain, lambda values: columns.Values_Float64([float(value) for value in values])),
        Type("HUGEINT", 0, _signed_words, _words),
        Type("VARCHAR", "", _decode_text, lambda values: columns.Values_Bytes(_var_data([value.encode() for value in values]))),
        Type("BLOB", b"", _decode_blobs, lambda values: columns.Values_Bytes(_var_data(values))),
        Type(
            "DATE",
            datetime.date(1970, 1, 1),
            lambda days, _rows: [datetime.date.fromordinal(day + _EPOCH_DAY) for day in days],
            lambda values: columns.Values_Int32([value.toordinal() - _EPOCH_DAY for value in values]),
        ),
        Type(
            "TIME",
            datetime.time(),
            lambda micros, _rows: [_midnight(micro) for micro in micros],
            lambda values: columns.Values_Int64([_of_day(value) for value in values]),
        ),
        Type(
            "TIMESTAMP",
            _EPOCH,
            _timestamp,
            lambda values: columns.Values_Int64([(value - _EPOCH) // _MICROSECOND for value in values]),
        ),
        Type(
            "UUID",
            uuid.UUID(int=0),
            lambda words, _rows: [uuid.UUID(int=high << 64 | low) for low, high in zip(words[0::2], words[1::2])],
            lambda values: _words([value.int for value in values]),
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
    decimal.Decimal: "DECIMAL(18,3)",
    uuid.UUID: "UUID",
}


def named(name):
    """The type of a name in SQL."""
    spelled = re.sub(r"\s+", "", name).upper()
    if spelled in _PLAIN:
        return _PLAIN[spelled]
    if found := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", spelled):
        width, scale = int(found[1]), int(found[2])
        if 0 < width <= 38 and scale <= width:
            return _decimal(width, scale)
    raise TypeError(f"the type {name} cannot be used in Python")


def of_hint(hint):
    """The type of a hint, and whether it allows None."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        members = [member for member in typing.get_args(hint) if member is not type(None)]
        if len(members) == 1 and len(typing.get_args(hint)) == 2:
            return of_hint(members[0])[0], True
    if typing.get_origin(hint) is typing.Annotated:
        return named(next(note for note in hint.__metadata__ if isinstance(note, str))), False
    if hint in _OF_PYTHON:
        return named(_OF_PYTHON[hint]), False
    raise TypeError(f"the hint {getattr(hint, '__name__', hint)} is no type of SQL")

// Types that are not nested: what may stand for a value, and how values lie in a column.

import { encodedTexts, joined, pack, slices, texts, unfit, unpack, withNulls, withoutNulls } from "./duckpen-columns.js";

/** A type that is not nested. `cast` gets what is neither null nor undefined. */
class Plain {
  constructor(name, { empty, cast, decode, encode }) {
    this.name = name;
    // What stands in the slot of a NULL on the way out.
    this.empty = empty;
    this.cast = cast;
    this.decode = decode;
    this.encode = encode;
  }

  /** The values of a node, with null for NULL. Nodes below it come next in `children`. */
  take(node) {
    return withNulls(node, this.decode(node.values.val, node.rows));
  }

  /** The nodes of an array of values that `cast` gave, its own first. */
  put(given) {
    const { values, validity } = withoutNulls(given, this.empty);
    return [{ rows: values.length, values: this.encode(values), validity }];
  }
}

const identity = (given) => given;
const tagged = (tag, ArrayType) => (given) => ({ tag, val: ArrayType.from(given) });

/** Integers that are numbers of JavaScript. */
function integer(name, low, high, tag, ArrayType) {
  const cast = (value) => {
    const number = typeof value === "bigint" ? Number(value) : value;
    if (!Number.isInteger(number) || number < low || number > high) {
      throw unfit(value, name);
    }
    return number;
  };
  return new Plain(name, { empty: 0, cast, decode: identity, encode: tagged(tag, ArrayType) });
}

/** A `bigint`, or a number that is exactly an integer, within bounds. */
function bigWithin(value, low, high, name) {
  const big = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof big !== "bigint" || big < low || big > high) {
    throw unfit(value, name);
  }
  return big;
}

function bigInteger(name, low, high, tag, ArrayType) {
  const cast = (value) => bigWithin(value, low, high, name);
  return new Plain(name, { empty: 0n, cast, decode: identity, encode: tagged(tag, ArrayType) });
}

const MOST_INT64 = (1n << 63n) - 1n;
const LEAST_INT64 = -(1n << 63n);

/** Moments as numbers of some unit since 1970. A `Date` may be given in their place. */
function moments(name, ofMilliseconds) {
  const cast = (value) => {
    const units = value instanceof Date && !Number.isNaN(value.getTime()) ? ofMilliseconds(value.getTime()) : value;
    return bigWithin(units, LEAST_INT64, MOST_INT64, name);
  };
  return new Plain(name, { empty: 0n, cast, decode: identity, encode: tagged("int64", BigInt64Array) });
}

/** Values of two words each, the low one first. */
function words(given) {
  const val = new BigUint64Array(given.length * 2);
  given.forEach((value, row) => {
    val[2 * row] = BigInt.asUintN(64, value);
    val[2 * row + 1] = BigInt.asUintN(64, value >> 64n);
  });
  return { tag: "words128", val };
}

const ofWords = (read) => (pairs, rows) =>
  Array.from({ length: rows }, (_, row) => read(pairs[2 * row], pairs[2 * row + 1]));
const signed = (low, high) => (BigInt.asIntN(64, high) << 64n) | low;
const unsigned = (low, high) => (high << 64n) | low;

function huge(name, low, high, read) {
  const cast = (value) => bigWithin(value, low, high, name);
  return new Plain(name, { empty: 0n, cast, decode: ofWords(read), encode: words });
}

function float(name, tag, ArrayType, isHeld) {
  const cast = (value) => {
    const number = typeof value === "bigint" ? Number(value) : value;
    if (typeof number !== "number" || !isHeld(number)) {
      throw unfit(value, name);
    }
    return number;
  };
  return new Plain(name, { empty: 0, cast, decode: identity, encode: tagged(tag, ArrayType) });
}

function typed(name, fits, rest) {
  const cast = (value) => {
    if (!fits(value)) {
      throw unfit(value, name);
    }
    return value;
  };
  return new Plain(name, { cast, ...rest });
}

// Not `instanceof`: the arrays that the host hands over are of another realm, as it seems to the engine.
const isBytes = (value) => Object.prototype.toString.call(value) === "[object Uint8Array]";

const MILLISECONDS_OF_DAY = 86_400_000;
// Days that a `Date` can hold on either side of 1970.
const MOST_DAYS = 100_000_000;

const dayOf = (days) => {
  if (Math.abs(days) > MOST_DAYS) {
    throw new RangeError(`a DATE ${days} days from 1970 is further away than a Date of JavaScript reaches`);
  }
  return new Date(days * MILLISECONDS_OF_DAY);
};

const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;

function uuidOf(low, high) {
  const digits = unsigned(low, high).toString(16).padStart(32, "0");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function interval({ months = 0, days = 0, micros = 0n }, name) {
  const parts = [months, days].map((part) => BigInt(PLAIN.INTEGER.cast(part)));
  return { months: parts[0], days: parts[1], micros: bigWithin(micros, LEAST_INT64, MOST_INT64, name) };
}

/** The types that have no parameters, by their names. */
export const PLAIN = Object.fromEntries(
  [
    typed("BOOLEAN", (value) => typeof value === "boolean", {
      empty: false,
      decode: unpack,
      encode: (given) => ({ tag: "bits", val: pack(given) }),
    }),
    integer("TINYINT", -128, 127, "int8", Int8Array),
    integer("SMALLINT", -32_768, 32_767, "int16", Int16Array),
    integer("INTEGER", -2_147_483_648, 2_147_483_647, "int32", Int32Array),
    bigInteger("BIGINT", LEAST_INT64, MOST_INT64, "int64", BigInt64Array),
    integer("UTINYINT", 0, 255, "uint8", Uint8Array),
    integer("USMALLINT", 0, 65_535, "uint16", Uint16Array),
    integer("UINTEGER", 0, 4_294_967_295, "uint32", Uint32Array),
    bigInteger("UBIGINT", 0n, (1n << 64n) - 1n, "uint64", BigUint64Array),
    huge("HUGEINT", -(1n << 127n), (1n << 127n) - 1n, signed),
    huge("UHUGEINT", 0n, (1n << 128n) - 1n, unsigned),
    float("FLOAT", "float32", Float32Array, (number) => Number.isFinite(Math.fround(number)) || !Number.isFinite(number)),
    float("DOUBLE", "float64", Float64Array, () => true),
    typed("VARCHAR", (value) => typeof value === "string", {
      empty: "",
      decode: texts,
      encode: (given) => ({ tag: "bytes", val: encodedTexts(given) }),
    }),
    typed("BLOB", isBytes, {
      empty: new Uint8Array(),
      decode: (data) => slices(data, (bytes) => bytes),
      encode: (given) => ({ tag: "bytes", val: joined(given) }),
    }),
    typed("DATE", (value) => value instanceof Date && !Number.isNaN(value.getTime()), {
      empty: new Date(0),
      decode: (days) => Array.from(days, dayOf),
      encode: (given) => ({
        tag: "int32",
        val: Int32Array.from(given, (date) => Math.floor(date.getTime() / MILLISECONDS_OF_DAY)),
      }),
    }),
    new Plain("TIME", {
      empty: 0n,
      cast: (value) => bigWithin(value, 0n, 86_400_000_000n, "TIME"),
      decode: identity,
      encode: tagged("int64", BigInt64Array),
    }),
    moments("TIMESTAMP", (milliseconds) => BigInt(milliseconds) * 1000n),
    moments("TIMESTAMP_S", (milliseconds) => BigInt(Math.floor(milliseconds / 1000))),
    moments("TIMESTAMP_MS", (milliseconds) => BigInt(milliseconds)),
    moments("TIMESTAMP_NS", (milliseconds) => BigInt(milliseconds) * 1_000_000n),
    moments("TIMESTAMP WITH TIME ZONE", (milliseconds) => BigInt(milliseconds) * 1000n),
    new Plain("INTERVAL", {
      empty: { months: 0n, days: 0n, micros: 0n },
      cast: (value) => {
        if (typeof value !== "object" || Array.isArray(value)) {
          throw unfit(value, "INTERVAL");
        }
        return interval(value, "INTERVAL");
      },
      decode: ofWords((low, high) => ({
        months: Number(BigInt.asIntN(32, low)),
        days: Number(BigInt.asIntN(32, low >> 32n)),
        micros: BigInt.asIntN(64, high),
      })),
      encode: (given) =>
        words(given.map(({ months, days, micros }) =>
          (micros << 64n) | (BigInt.asUintN(32, days) << 32n) | BigInt.asUintN(32, months))),
    }),
    typed("UUID", (value) => typeof value === "string" && UUID.test(value), {
      empty: "00000000-0000-0000-0000-000000000000",
      decode: ofWords(uuidOf),
      encode: (given) => words(given.map((uuid) => BigInt(`0x${uuid.replaceAll("-", "")}`))),
    }),
  ].map((type) => [type.name, type]),
);

/** Texts such as `-12.50`, so that no digit is lost. A number or a `bigint` may be given in their place. */
export function decimal(width, scale) {
  const name = `DECIMAL(${width},${scale})`;
  const most = 10n ** BigInt(width);
  const cast = (value) => {
    const units = unitsOf(String(value), scale, width);
    if (!["string", "number", "bigint"].includes(typeof value) || units === undefined || units <= -most || units >= most) {
      throw unfit(value, name);
    }
    return units;
  };
  const text = (units) => {
    const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
    const whole = digits.slice(0, digits.length - scale);
    return `${units < 0n ? "-" : ""}${whole}${scale > 0 ? `.${digits.slice(whole.length)}` : ""}`;
  };
  const small = (tag, ArrayType) => ({
    decode: (given) => Array.from(given, (units) => text(BigInt(units))),
    encode: (given) => ({ tag, val: ArrayType.from(given, Number) }),
  });
  let coding = { decode: ofWords((low, high) => text(signed(low, high))), encode: words };
  if (width <= 4) {
    coding = small("int16", Int16Array);
  } else if (width <= 9) {
    coding = small("int32", Int32Array);
  } else if (width <= 18) {
    coding = { decode: (given) => Array.from(given, text), encode: tagged("int64", BigInt64Array) };
  }
  return new Plain(name, { empty: 0n, cast, ...coding });
}

/** How many units of the last digit a number is, rounded away from zero where it stands between two. */
function unitsOf(text, scale, width) {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i.exec(text.trim());
  const digits = parts && `${parts[2]}${parts[3] ?? ""}`;
  if (!digits || digits.length > 400) {
    return undefined;
  }
  const shift = Number(parts[4] ?? 0) - (parts[3] ?? "").length + scale;
  let units = BigInt(digits);
  if (units !== 0n && shift > width) {
    return undefined;
  }
  if (shift >= 0) {
    units *= 10n ** BigInt(Math.min(shift, width));
  } else if (-shift > digits.length) {
    units = 0n;
  } else {
    const unit = 10n ** BigInt(-shift);
    units = (units + unit / 2n) / unit;
  }
  return parts[1] === "-" ? -units : units;
}

/** Texts, of which there are only some. */
export function enumeration(names) {
  const numbers = new Map(names.map((name, number) => [name, number]));
  const name = `ENUM(${names.map((one) => `'${one.replaceAll("'", "''")}'`).join(", ")})`;
  const [tag, ArrayType] =
    names.length <= 256 ? ["uint8", Uint8Array] : names.length <= 65_536 ? ["uint16", Uint16Array] : ["uint32", Uint32Array];
  return typed(name, (value) => numbers.has(value), {
    empty: names[0],
    decode: (given) => Array.from(given, (number) => names[number]),
    encode: (given) => ({ tag, val: ArrayType.from(given, (value) => numbers.get(value)) }),
  });
}

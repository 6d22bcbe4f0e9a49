// Functions for SQL in JavaScript: `scalar` and `aggregate` declare them, the rest is what the host calls.

import { emit as emitResults } from "duckpen:functions/results@0.1.0";
import { emit as emitStates } from "duckpen:functions/states@0.1.0";

const scalars = [];
const aggregates = [];

/** Declares a scalar function. */
export function scalar(declaration, compute) {
  scalars.push({ ...signature(declaration), volatile: declaration.volatile ?? false, compute });
}

/** Declares an aggregate function. */
export function aggregate(declaration, { initial, step, merge, finish }) {
  aggregates.push({ ...signature(declaration), initial, step, merge, finish });
}

function signature({ name, parameters, returns, doc, nulls = "propagate" }) {
  const list = Object.entries(parameters).map(([parameter, type]) => ({ name: parameter, type: typeNamed(type) }));
  return { name, parameters: list, returns: typeNamed(returns), doc, nulls };
}

function declared({ name, parameters, returns, nulls, doc }) {
  return {
    name,
    parameters: parameters.map(({ name, type }) => ({ name, logicalType: type.name })),
    returns: returns.name,
    nulls,
    doc,
  };
}

// Types: how a column becomes an array of values, and an array a column.

const numbers = (tag, ArrayType) => ({
  decode: (values) => values,
  encode: (values) => ({ tag, val: ArrayType.from(values) }),
  empty: ArrayType === BigInt64Array || ArrayType === BigUint64Array ? 0n : 0,
});

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const MILLISECONDS_OF_DAY = 86_400_000;

const TYPES = {
  BOOLEAN: { decode: unpack, encode: (values) => ({ tag: "bits", val: pack(values) }), empty: false },
  TINYINT: numbers("int8", Int8Array),
  SMALLINT: numbers("int16", Int16Array),
  INTEGER: numbers("int32", Int32Array),
  BIGINT: numbers("int64", BigInt64Array),
  UTINYINT: numbers("uint8", Uint8Array),
  USMALLINT: numbers("uint16", Uint16Array),
  UINTEGER: numbers("uint32", Uint32Array),
  UBIGINT: numbers("uint64", BigUint64Array),
  FLOAT: numbers("float32", Float32Array),
  DOUBLE: numbers("float64", Float64Array),
  VARCHAR: {
    decode: texts,
    encode: (values) => ({ tag: "bytes", val: encodedTexts(values) }),
    empty: "",
  },
  BLOB: {
    decode: (data) => slices(data, (bytes) => bytes),
    encode: (values) => ({ tag: "bytes", val: joined(values) }),
    empty: new Uint8Array(),
  },
  DATE: {
    decode: (days) => Array.from(days, (day) => new Date(day * MILLISECONDS_OF_DAY)),
    encode: (values) => ({
      tag: "int32",
      val: Int32Array.from(values, (date) => Math.floor(date.getTime() / MILLISECONDS_OF_DAY)),
    }),
    empty: new Date(0),
  },
  TIMESTAMP: numbers("int64", BigInt64Array),
};

function typeNamed(name) {
  const type = TYPES[String(name).toUpperCase()];
  if (type === undefined) {
    throw new TypeError(`the type ${name} cannot be used in JavaScript`);
  }
  return { name: String(name).toUpperCase(), ...type };
}

function unpack(packed, rows) {
  return Array.from({ length: rows }, (_, row) => ((packed[row >> 3] >> (row & 7)) & 1) === 1);
}

function pack(flags) {
  const packed = new Uint8Array((flags.length + 7) >> 3);
  flags.forEach((flag, row) => {
    if (flag) {
      packed[row >> 3] |= 1 << (row & 7);
    }
  });
  return packed;
}

function slices({ offsets, bytes }, read) {
  return Array.from({ length: offsets.length - 1 }, (_, row) => read(bytes.subarray(offsets[row], offsets[row + 1])));
}

// Calls into the coder cost more than what it does with a short text, so all of them go through it at once where bytes and
// characters are the same: in ASCII.
function texts(data) {
  const { offsets, bytes } = data;
  const whole = decoder.decode(bytes);
  if (whole.length !== bytes.length) {
    return slices(data, (part) => decoder.decode(part));
  }
  return Array.from({ length: offsets.length - 1 }, (_, row) => whole.slice(offsets[row], offsets[row + 1]));
}

function encodedTexts(values) {
  const whole = values.join("");
  const bytes = encoder.encode(whole);
  if (whole.length !== bytes.length) {
    return joined(values.map((value) => encoder.encode(value)));
  }
  const offsets = new Uint32Array(values.length + 1);
  for (let row = 0; row < values.length; row++) {
    offsets[row + 1] = offsets[row] + values[row].length;
  }
  return { offsets, bytes };
}

function joined(parts) {
  const offsets = new Uint32Array(parts.length + 1);
  parts.forEach((part, row) => {
    offsets[row + 1] = offsets[row] + part.length;
  });
  const bytes = new Uint8Array(offsets[parts.length]);
  parts.forEach((part, row) => bytes.set(part, offsets[row]));
  return { offsets, bytes };
}

// An argument as a function from row to value, with null for NULL.
function reader({ tag, val: { root } }, type) {
  const values = type.decode(root.values.val, root.rows);
  const validity = root.validity && unpack(root.validity, root.rows);
  const value = (row) => (validity && !validity[row] ? null : values[row]);
  if (tag === "constant") {
    const constant = value(0);
    return () => constant;
  }
  return value;
}

function column(type, values) {
  const valid = values.map((value) => value !== null && value !== undefined);
  const filled = values.map((value, row) => (valid[row] ? value : type.empty));
  const validity = valid.includes(false) ? pack(valid) : undefined;
  return { root: { rows: values.length, values: type.encode(filled), validity }, children: [] };
}

// Calls `use` with the arguments of each row that is to be computed, and `skip` for the others. What it throws is a failure
// of its row.
function eachRow({ parameters, nulls }, given, rows, use, skip) {
  const readers = given.map((argument, index) => reader(argument, parameters[index].type));
  for (let row = 0; row < rows; row++) {
    const values = readers.map((read) => read(row));
    if (nulls === "propagate" && values.includes(null)) {
      skip(row);
    } else {
      attempt(() => use(row, values), row);
    }
  }
}

function attempt(work, row) {
  try {
    return work();
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw { kind: "invalid-input", message, hint: undefined, row };
  }
}

class Evaluator {
  constructor(index) {
    this.scalar = scalars[index];
  }

  evaluate(given, rows) {
    const results = new Array(rows).fill(null);
    const store = (row, values) => {
      results[row] = this.scalar.compute(...values);
    };
    eachRow(this.scalar, given, rows, store, () => {});
    emitResults(attempt(() => column(this.scalar.returns, results)));
  }
}

// States cross as JSON; what JSON has no number for is wrapped.
const wrapped = (_, value) => {
  if (typeof value === "bigint") {
    return { $bigint: value.toString() };
  }
  return typeof value === "number" && !Number.isFinite(value) ? { $number: String(value) } : value;
};
const unwrapped = (_, value) => {
  if (value?.$bigint !== undefined) {
    return BigInt(value.$bigint);
  }
  return value?.$number !== undefined ? Number(value.$number) : value;
};
const dump = (state) => encoder.encode(JSON.stringify(state, wrapped));
const load = (bytes) => JSON.parse(decoder.decode(bytes), unwrapped);
const loaded = (groups) => slices(groups.val, load);
const emitAll = (states) => emitStates({ tag: "variable", val: joined(states.map(dump)) });

class Aggregator {
  constructor(index) {
    this.aggregate = aggregates[index];
  }

  update(groups, groupOfRow, given, rows) {
    const states = loaded(groups);
    const take = (row, values) => {
      const group = groupOfRow[row];
      states[group] = this.aggregate.step(states[group], ...values) ?? states[group];
    };
    eachRow(this.aggregate, given, rows, take, () => {});
    emitAll(states);
  }

  merge(left, right) {
    const others = loaded(right);
    const merge = (state, index) => this.aggregate.merge(state, others[index]) ?? state;
    emitAll(attempt(() => loaded(left).map(merge)));
  }

  finalize(groups) {
    const finished = () => loaded(groups).map((state) => this.aggregate.finish(state));
    emitResults(attempt(() => column(this.aggregate.returns, finished())));
  }
}

export const scalarExports = {
  describe: () =>
    scalars.map((one) => ({
      ...declared(one),
      varargs: undefined,
      stability: one.volatile ? "volatile" : "consistent",
    })),
  open: (index) => new Evaluator(index),
  Evaluator,
};

export const aggregateExports = {
  describe: () => aggregates.map((one) => ({ ...declared(one), state: "variable", initial: dump(one.initial()) })),
  open: (index) => new Aggregator(index),
  Aggregator,
};

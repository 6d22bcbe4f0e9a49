// Functions for SQL in JavaScript: `scalar` and `aggregate` declare them, the rest is what the host calls.

import { emit as emitResults } from "duckpen:functions/results@0.1.0";
import { emit as emitStates } from "duckpen:functions/states@0.1.0";
import { column, joined, orNull, slices, values } from "./duckpen-columns.js";
import { named } from "./duckpen-types.js";

const scalars = [];
const aggregates = [];

/** Declares a scalar function. */
export function scalar(declaration, compute) {
  const { varargs, volatile = false } = declaration;
  scalars.push({ ...signature(declaration), varargs: varargs && named(varargs), volatile, compute });
}

/** Declares an aggregate function. */
export function aggregate(declaration, { initial, step, merge, finish }) {
  aggregates.push({ ...signature(declaration), initial, step, merge, finish });
}

function signature({ name, parameters, returns, doc, nulls = "propagate" }) {
  const list = Object.entries(parameters).map(([parameter, type]) => ({ name: parameter, type: named(type) }));
  return { name, parameters: list, returns: named(returns), doc, nulls };
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

// An argument as a function from row to value, with null for NULL.
function reader({ tag, val }, type) {
  const given = values(type, val);
  if (tag === "constant") {
    const [constant] = given;
    return () => constant;
  }
  return (row) => given[row];
}

// Calls `use` with the arguments of each row that is to be computed. What it throws is a failure of its row.
function eachRow({ parameters, varargs, nulls }, given, rows, use) {
  const typeOf = (index) => parameters[index]?.type ?? varargs;
  const readers = attempt(() => given.map((argument, index) => reader(argument, typeOf(index))));
  for (let row = 0; row < rows; row++) {
    const passed = readers.map((read) => read(row));
    if (nulls !== "propagate" || !passed.includes(null)) {
      attempt(() => use(row, passed), row);
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
    const { returns, compute } = this.scalar;
    eachRow(this.scalar, given, rows, (row, passed) => {
      results[row] = orNull(returns, compute(...passed));
    });
    emitResults(attempt(() => column(returns, results)));
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
const decoder = new TextDecoder();
const encoder = new TextEncoder();
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
    eachRow(this.aggregate, given, rows, (row, passed) => {
      const group = groupOfRow[row];
      states[group] = this.aggregate.step(states[group], ...passed) ?? states[group];
    });
    emitAll(states);
  }

  merge(left, right) {
    const others = loaded(right);
    const merge = (state, index) => this.aggregate.merge(state, others[index]) ?? state;
    emitAll(attempt(() => loaded(left).map(merge)));
  }

  finalize(groups) {
    const { returns, finish } = this.aggregate;
    const finished = () => loaded(groups).map((state) => orNull(returns, finish(state)));
    emitResults(attempt(() => column(returns, finished())));
  }
}

export const scalarExports = {
  describe: () =>
    scalars.map((one) => ({
      ...declared(one),
      varargs: one.varargs?.name,
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

// Values of every type of SQL, in and out.

import { aggregate, scalar } from "./duckpen.js";

scalar(
  { name: "following_javascript", parameters: { day: "DATE" }, returns: "DATE", doc: "The day after." },
  (day) => new Date(day.getTime() + 86_400_000),
);

scalar(
  {
    name: "since_javascript",
    parameters: { later: "TIMESTAMP", earlier: "TIMESTAMP" },
    returns: "INTERVAL",
    doc: "The time between two moments.",
  },
  (later, earlier) => ({ micros: later - earlier }),
);

scalar(
  {
    name: "reversed_javascript",
    parameters: { value: "BLOB" },
    returns: "BLOB",
    doc: "The bytes from the last to the first.",
  },
  (value) => value.toReversed(),
);

// Functions of one name and other parameters are overloads.
scalar(
  {
    name: "reversed_javascript",
    parameters: { value: "VARCHAR" },
    returns: "VARCHAR",
    doc: "The characters from the last to the first.",
  },
  (value) => [...value].reverse().join(""),
);

// A DECIMAL is a text, so that no digit is lost: hundredths are counted as whole numbers.
const hundredths = (text) => BigInt(text.replace(".", ""));

scalar(
  {
    name: "with_tax_javascript",
    parameters: { price: "DECIMAL(9,2)", percent: "INTEGER" },
    returns: "DECIMAL(12,4)",
    doc: "The price with a tax.",
  },
  (price, percent) => `${hundredths(price) * BigInt(100 + percent)}e-4`,
);

scalar(
  {
    name: "counted_javascript",
    parameters: { words: "VARCHAR[]" },
    returns: "MAP(VARCHAR, BIGINT)",
    doc: "How often each word is there.",
  },
  (words) => words.reduce((counts, word) => counts.set(word, (counts.get(word) ?? 0) + 1), new Map()),
);

scalar(
  {
    name: "middle_javascript",
    parameters: { points: "STRUCT(x INTEGER, y INTEGER)[]" },
    returns: "STRUCT(x INTEGER, y INTEGER)",
    doc: "The point in the middle of others, as far as whole numbers go.",
  },
  (points) => {
    const middle = (key) => Math.floor(points.reduce((sum, point) => sum + point[key], 0) / points.length);
    return points.length === 0 ? null : { x: middle("x"), y: middle("y") };
  },
);

scalar(
  {
    name: "longest_javascript",
    parameters: {},
    varargs: "VARCHAR",
    returns: "VARCHAR",
    doc: "The longest of any number of texts.",
  },
  (...texts) => texts.reduce((longest, text) => (text.length > longest.length ? text : longest), ""),
);

aggregate(
  {
    name: "first_and_last_javascript",
    parameters: { day: "DATE" },
    returns: "DATE[]",
    doc: "The first and the last of some days.",
  },
  {
    initial: () => ({ days: [] }),
    step({ days }, day) {
      const all = [...days, day.getTime()];
      return { days: [Math.min(...all), Math.max(...all)] };
    },
    merge: ({ days }, other) => ({
      days: days.length + other.days.length === 0 ? [] : [Math.min(...days, ...other.days), Math.max(...days, ...other.days)],
    }),
    finish: ({ days }) => days.map((time) => new Date(time)),
  },
);

// What a function gets it can give back, whatever the type.
for (const type of [
  "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
  "UHUGEINT", "FLOAT", "DOUBLE", "VARCHAR", "BLOB",
  "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE", "INTERVAL",
  "UUID", "ENUM('red', 'green')", "INTEGER[]", "VARCHAR[2]", "DATE[][]", 'STRUCT(a INTEGER, "b c" BLOB[])',
  "MAP(VARCHAR, DECIMAL(9,2))", "STRUCT(d DATE, m MAP(INTEGER, VARCHAR[]))[]",
]) {
  scalar({ name: "same_javascript", parameters: { value: type }, returns: type }, (value) => value);
}

// DuckDB does not choose between overloads that differ in the digits of a DECIMAL.
for (const [width, scale] of [[4, 2], [9, 3], [18, 0], [38, 10]]) {
  const type = `DECIMAL(${width},${scale})`;
  scalar({ name: `same_${width}_digits_javascript`, parameters: { value: type }, returns: type }, (value) => value);
}

scalar(
  {
    name: "named_javascript",
    parameters: { kind: "VARCHAR", value: "VARCHAR" },
    returns: "TINYINT",
    doc: "What is none of its type is an error of its row, and never another value.",
  },
  (kind, value) => ({ text: value, number: Number(value), fraction: Number(value) / 2 })[kind],
);

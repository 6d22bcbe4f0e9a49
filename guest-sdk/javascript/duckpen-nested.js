// Lists, structs and maps.

import { offsetsOf, orNull, shown, unfit, withNulls, withoutNulls } from "./duckpen-columns.js";

/** Arrays: those of a fixed length have it as `size`. */
export class List {
  constructor(element, size) {
    this.name = `${element.name}[${size ?? ""}]`;
    this.empty = size === undefined ? [] : new Array(size).fill(null);
    this.element = element;
    this.size = size;
  }

  cast = (value) => {
    const isArray = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
    if (!isArray || (this.size !== undefined && value.length !== this.size)) {
      throw unfit(value, this.name);
    }
    return Array.from(value, (one) => orNull(this.element, one));
  };

  take(node, children) {
    const elements = this.element.take(children.next().value, children);
    const all = Array.isArray(elements) ? elements : Array.from(elements);
    const { size } = this;
    const offsets = node.values.val;
    const slice = size === undefined
      ? (_, row) => all.slice(offsets[row], offsets[row + 1])
      : (_, row) => all.slice(row * size, (row + 1) * size);
    return withNulls(node, Array.from({ length: node.rows }, slice));
  }

  put(given) {
    const { values, validity } = withoutNulls(given, this.empty);
    let shape = { tag: "fixed-list", val: this.size };
    if (this.size === undefined) {
      shape = { tag: "list-offsets", val: offsetsOf(values) };
    }
    return [{ rows: values.length, values: shape, validity }, ...this.element.put(values.flat())];
  }
}

/** Objects with the same keys in all rows. */
export class Struct {
  constructor(fields) {
    this.name = `STRUCT(${fields.map(([name, field]) => `"${name.replaceAll('"', '""')}" ${field.name}`).join(", ")})`;
    this.empty = {};
    this.fields = fields;
    this.known = new Set(fields.map(([name]) => name));
  }

  cast = (value) => {
    if (typeof value !== "object" || Array.isArray(value) || value instanceof Map) {
      throw unfit(value, this.name);
    }
    // What is misspelt would be NULL otherwise.
    const unknown = Object.keys(value).find((key) => !this.known.has(key));
    if (unknown !== undefined) {
      throw new TypeError(`${shown(unknown)} is no field of ${this.name}`);
    }
    return Object.fromEntries(this.fields.map(([name, field]) => [name, orNull(field, value[name])]));
  };

  take(node, children) {
    const parts = this.fields.map(([name, field]) => [name, field.take(children.next().value, children)]);
    const row = (_, at) => Object.fromEntries(parts.map(([name, values]) => [name, values[at]]));
    return withNulls(node, Array.from({ length: node.rows }, row));
  }

  put(given) {
    const { values, validity } = withoutNulls(given, this.empty);
    const parts = this.fields.flatMap(([name, field]) => field.put(values.map((value) => value[name] ?? null)));
    return [{ rows: values.length, values: { tag: "struct-of", val: this.fields.length }, validity }, ...parts];
  }
}

/** A `Map`: keys may be of any type. */
export class Mapping {
  constructor(key, value) {
    this.name = `MAP(${key.name}, ${value.name})`;
    this.key = key;
    this.value = value;
    this.entries = new List(new Struct([["key", key], ["value", value]]));
  }

  cast = (value) => {
    if (!(value instanceof Map)) {
      throw unfit(value, this.name);
    }
    return Array.from(value, ([key, one]) => {
      if (key === null || key === undefined) {
        throw new TypeError(`a key of ${this.name} is ${key}`);
      }
      return { key: this.key.cast(key), value: orNull(this.value, one) };
    });
  };

  take(node, children) {
    const rows = this.entries.take(node, children);
    return rows.map((row) => row && new Map(row.map(({ key, value }) => [key, value])));
  }

  put(given) {
    return this.entries.put(given);
  }
}

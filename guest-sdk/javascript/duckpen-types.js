// The types of SQL by their names.

import { List, Mapping, Struct } from "./duckpen-nested.js";
import { PLAIN, decimal, enumeration } from "./duckpen-plain.js";

const OTHER_NAMES = {
  BOOL: "BOOLEAN", INT: "INTEGER", LONG: "BIGINT", REAL: "FLOAT", TEXT: "VARCHAR", STRING: "VARCHAR", BYTEA: "BLOB",
  DATETIME: "TIMESTAMP", TIMESTAMPTZ: "TIMESTAMP WITH TIME ZONE",
};

/** The type of a name in SQL. */
export function named(name) {
  const reader = new Names(String(name));
  const type = reader.type();
  if (reader.rest !== "") {
    throw reader.refusal();
  }
  return type;
}

/** Reads the name of a type, from left to right. */
class Names {
  constructor(name) {
    this.name = name;
    this.rest = name.trim();
  }

  refusal() {
    return new TypeError(`the type ${this.name} cannot be used in JavaScript`);
  }

  type() {
    let type = this.innermost();
    while (this.takes("[")) {
      const size = this.match(/^\d{0,6}/);
      this.expect("]");
      type = new List(type, size === "" ? undefined : Number(size));
    }
    return type;
  }

  innermost() {
    if (this.match(/^TIMESTAMP\s+WITH\s+TIME\s+ZONE\b/i)) {
      return PLAIN["TIMESTAMP WITH TIME ZONE"];
    }
    const word = this.match(/^\w+/).toUpperCase();
    switch (word) {
      case "STRUCT":
        return new Struct(this.all(() => [this.field(), this.type()]));
      case "MAP":
        return this.map();
      case "ENUM":
        return enumeration(this.all(() => this.text()));
      case "DECIMAL":
      case "NUMERIC":
        return this.decimal();
      default: {
        const type = PLAIN[OTHER_NAMES[word] ?? word];
        if (type === undefined) {
          throw this.refusal();
        }
        return type;
      }
    }
  }

  map() {
    const types = this.all(() => this.type());
    if (types.length !== 2) {
      throw this.refusal();
    }
    return new Mapping(...types);
  }

  decimal() {
    // As in DuckDB, where nothing is said.
    const [width, scale = 0] = this.rest.startsWith("(") ? this.all(() => Number(this.match(/^\d{1,2}/) || NaN)) : [18, 3];
    if (!(width >= 1 && width <= 38 && scale >= 0 && scale <= width)) {
      throw this.refusal();
    }
    return decimal(width, scale);
  }

  all(one) {
    this.expect("(");
    const found = [one()];
    while (this.takes(",")) {
      found.push(one());
    }
    this.expect(")");
    return found;
  }

  field() {
    const quoted = this.match(/^"(?:[^"]|"")+"/);
    const name = quoted ? quoted.slice(1, -1).replaceAll('""', '"') : this.match(/^\w+/);
    if (!name) {
      throw this.refusal();
    }
    return name;
  }

  text() {
    const quoted = this.match(/^'(?:[^']|'')*'/);
    if (!quoted) {
      throw this.refusal();
    }
    return quoted.slice(1, -1).replaceAll("''", "'");
  }

  match(pattern) {
    const found = pattern.exec(this.rest)?.[0] ?? "";
    this.rest = this.rest.slice(found.length).trimStart();
    return found;
  }

  takes(symbol) {
    const found = this.rest.startsWith(symbol);
    if (found) {
      this.rest = this.rest.slice(symbol.length).trimStart();
    }
    return found;
  }

  expect(symbol) {
    if (!this.takes(symbol)) {
      throw this.refusal();
    }
  }
}

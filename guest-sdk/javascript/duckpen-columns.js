// Columns as they cross the boundary: bits, offsets and bytes, and which rows are NULL.

// A text may begin with what would be taken for the mark of its encoding.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** What a function gave, as a value of the type; null and undefined are NULL. */
export function orNull(type, value) {
  return value === null || value === undefined ? null : type.cast(value);
}

/** The values of a whole column. */
export function values(type, { root, children }) {
  return type.take(root, children[Symbol.iterator]());
}

/** The column of an array of values that `orNull` gave. */
export function column(type, given) {
  const [root, ...children] = type.put(given);
  return { root, children };
}

/** The values of a node, with null where its validity says so. */
export function withNulls({ rows, validity }, given) {
  if (!validity) {
    return given;
  }
  const valid = unpack(validity, rows);
  return Array.from(given, (value, row) => (valid[row] ? value : null));
}

/** Values with something in the place of null, and which of them are none. */
export function withoutNulls(given, empty) {
  if (!given.includes(null)) {
    return { values: given, validity: undefined };
  }
  const validity = pack(given.map((value) => value !== null));
  return { values: given.map((value) => (value === null ? empty : value)), validity };
}

/** A value as a message shows it. */
export function shown(value) {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

/** What is thrown for a value that is none of a type. */
export function unfit(value, name) {
  return new TypeError(`${shown(value)} is no ${name}`);
}

export function unpack(packed, rows) {
  return Array.from({ length: rows }, (_, row) => ((packed[row >> 3] >> (row & 7)) & 1) === 1);
}

export function pack(flags) {
  const packed = new Uint8Array((flags.length + 7) >> 3);
  flags.forEach((flag, row) => {
    if (flag) {
      packed[row >> 3] |= 1 << (row & 7);
    }
  });
  return packed;
}

export function offsetsOf(parts) {
  const offsets = new Uint32Array(parts.length + 1);
  parts.forEach((part, row) => {
    offsets[row + 1] = offsets[row] + part.length;
  });
  return offsets;
}

/** Texts or blobs, one behind the other. */
export function joined(parts) {
  const offsets = offsetsOf(parts);
  const bytes = new Uint8Array(offsets[parts.length]);
  parts.forEach((part, row) => bytes.set(part, offsets[row]));
  return { offsets, bytes };
}

export function slices({ offsets, bytes }, read) {
  return Array.from({ length: offsets.length - 1 }, (_, row) => read(bytes.subarray(offsets[row], offsets[row + 1])));
}

// Calls into the coder cost more than what it does with a short text, so all of them go through it at once where bytes and
// characters are the same: in ASCII.
export function texts(data) {
  const { offsets, bytes } = data;
  const whole = decoder.decode(bytes);
  if (whole.length !== bytes.length) {
    return slices(data, (part) => decoder.decode(part));
  }
  return Array.from({ length: offsets.length - 1 }, (_, row) => whole.slice(offsets[row], offsets[row + 1]));
}

export function encodedTexts(given) {
  const whole = given.join("");
  const bytes = encoder.encode(whole);
  if (whole.length !== bytes.length) {
    return joined(given.map((value) => encoder.encode(value)));
  }
  return { offsets: offsetsOf(given), bytes };
}

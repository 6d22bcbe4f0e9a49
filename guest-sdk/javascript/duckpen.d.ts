/** The types of SQL that have no parameters, and the values of JavaScript that stand for them. */
export interface PlainTypes {
  BOOLEAN: boolean;
  TINYINT: number;
  SMALLINT: number;
  INTEGER: number;
  BIGINT: bigint;
  UTINYINT: number;
  USMALLINT: number;
  UINTEGER: number;
  UBIGINT: bigint;
  HUGEINT: bigint;
  UHUGEINT: bigint;
  FLOAT: number;
  DOUBLE: number;
  VARCHAR: string;
  BLOB: Uint8Array;
  /** Midnight of the day, in UTC. */
  DATE: Date;
  /** Microseconds since midnight. */
  TIME: bigint;
  /** Microseconds since 1970-01-01; a result may be a `Date`, as of the four below. */
  TIMESTAMP: bigint;
  /** Seconds, milliseconds, nanoseconds since 1970-01-01. */
  TIMESTAMP_S: bigint;
  TIMESTAMP_MS: bigint;
  TIMESTAMP_NS: bigint;
  /** Microseconds since 1970-01-01 00:00 UTC. */
  "TIMESTAMP WITH TIME ZONE": bigint;
  INTERVAL: Interval;
  /** In lower case, with hyphens. */
  UUID: string;
}

/** As a result any of the three may be left out. */
export interface Interval {
  months: number;
  days: number;
  micros: bigint;
}

/**
 * The name of a type as SQL has it: one of those above, or
 *
 * - `DECIMAL(9,2)`: a text such as `"-12.50"`, so that no digit is lost; a result may be a number or a `bigint`,
 * - `ENUM('a', 'b')`: a text,
 * - `T[]` and `T[3]`: an array,
 * - `STRUCT(a T, b U)`: an object with these keys,
 * - `MAP(K, V)`: a `Map`.
 *
 * A NULL inside of a value is `null`. Where a `bigint` is wanted, a number that is an integer will do. A value that does not
 * fit its type is an error of its row.
 */
export type TypeName = keyof PlainTypes | (string & {});

type Value<Name extends TypeName> = Name extends keyof PlainTypes ? PlainTypes[Name] : unknown;
type Whole = "BIGINT" | "UBIGINT" | "HUGEINT" | "UHUGEINT" | "TIME";
type Moment = "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS" | "TIMESTAMP WITH TIME ZONE";
type Result<Name extends TypeName> =
  | Value<Name>
  | (Name extends Whole ? number : never)
  | (Name extends Moment ? number | Date : never)
  | (Name extends "INTERVAL" ? Partial<Interval> : never)
  | null
  | undefined;

/** Several declarations with one name and other parameters are overloads. */
export interface Declaration<Returns extends TypeName = TypeName> {
  name: string;
  /** Names of the parameters and their types, in order. */
  parameters: Record<string, TypeName>;
  returns: Returns;
  doc?: string;
  /**
   * What becomes of a row with a NULL argument: NULL (it is left out of an aggregate) without a call, or a call that
   * sees `null`. The first where nothing is said.
   */
  nulls?: "propagate" | "called-on-null";
}

/** Declares a scalar function. What `compute` throws is an error of the query. */
export function scalar<Returns extends TypeName>(
  declaration: Declaration<Returns> & {
    /** The type of any number of further arguments. */
    varargs?: TypeName;
    /** Whether equal arguments may give different results. */
    volatile?: boolean;
  },
  compute: (...values: any[]) => Result<Returns>,
): void;

/** Declares an aggregate function. Its states cross as JSON, with `bigint` besides. */
export function aggregate<State, Returns extends TypeName>(
  declaration: Declaration<Returns>,
  calls: {
    /** The state of a group without rows. */
    initial: () => State;
    /** Takes a row in; changes the state or returns another. */
    step: (state: State, ...values: any[]) => State | void;
    /** Takes the rows of another state in, which came after its own. */
    merge: (state: State, other: State) => State | void;
    finish: (state: State) => Result<Returns>;
  },
): void;

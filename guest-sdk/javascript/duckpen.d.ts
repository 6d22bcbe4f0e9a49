/** The types of SQL, and the values of JavaScript that stand for them. */
export interface Types {
  BOOLEAN: boolean;
  TINYINT: number;
  SMALLINT: number;
  INTEGER: number;
  BIGINT: bigint;
  UTINYINT: number;
  USMALLINT: number;
  UINTEGER: number;
  UBIGINT: bigint;
  FLOAT: number;
  DOUBLE: number;
  VARCHAR: string;
  BLOB: Uint8Array;
  /** Midnight of the day, in UTC. */
  DATE: Date;
  /** Microseconds since 1970-01-01. */
  TIMESTAMP: bigint;
}

export type TypeName = keyof Types;

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

type Result<Returns extends TypeName> = Types[Returns] | null | undefined;

/** Declares a scalar function. What `compute` throws is an error of the query. */
export function scalar<Returns extends TypeName>(
  declaration: Declaration<Returns> & {
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

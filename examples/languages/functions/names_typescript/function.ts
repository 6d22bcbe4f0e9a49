// A function on texts, one that sees NULL, and an aggregate.

import { aggregate, scalar } from "./duckpen.js";

scalar(
  {
    name: "initials_typescript",
    parameters: { name: "VARCHAR" },
    returns: "VARCHAR",
    doc: "The first letters of the words of a name.",
  },
  (name: string) => {
    const words = name.split(" ").filter((word) => word !== "");
    return words.map((word) => word[0].toUpperCase()).join("");
  },
);

scalar(
  {
    name: "coalesce_text_typescript",
    parameters: { a: "VARCHAR", b: "VARCHAR" },
    returns: "VARCHAR",
    nulls: "called-on-null",
    doc: "The first of two texts that is not NULL.",
  },
  (a: string | null, b: string | null) => a ?? b,
);

interface Mean {
  logarithms: number;
  count: number;
}

aggregate(
  {
    name: "geometric_mean_typescript",
    parameters: { number: "DOUBLE" },
    returns: "DOUBLE",
    doc: "The geometric mean of positive numbers.",
  },
  {
    initial: (): Mean => ({ logarithms: 0, count: 0 }),
    step(state: Mean, number: number) {
      if (!(number > 0)) {
        throw new RangeError(`${number} is not positive`);
      }
      state.logarithms += Math.log(number);
      state.count += 1;
    },
    merge(state: Mean, other: Mean) {
      state.logarithms += other.logarithms;
      state.count += other.count;
    },
    finish: ({ logarithms, count }: Mean) => (count === 0 ? null : Math.exp(logarithms / count)),
  },
);

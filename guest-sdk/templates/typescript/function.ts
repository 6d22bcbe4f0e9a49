// Functions for SQL.

import { scalar } from "./duckpen.js";

scalar(
  { name: "__NAME__", parameters: { name: "VARCHAR" }, returns: "VARCHAR", doc: "A greeting." },
  (name: string) => `Hello, ${name}!`,
);

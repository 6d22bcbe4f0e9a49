// node build.mjs COMPONENTIZE SOURCE WIT WORLD COMPONENT: what `duckpen build` calls.

import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [componentizeJs, sourcePath, witPath, worldName, place] = process.argv.slice(2);
const { componentize } = await import(pathToFileURL(componentizeJs));
// A function has nothing of WASI to use, and what is not built in need not be loaded.
const disableFeatures = ["stdio", "random", "clocks", "http", "fetch-event"];
const { component } = await componentize({ sourcePath, witPath, worldName, disableFeatures });
await writeFile(place, component);

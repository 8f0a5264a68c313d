// Compares all templates of two assemblies with the CDK's library: node cdk_time.mjs FOLDER OLD NEW.

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [folder, base, head] = process.argv.slice(2);
const { fullDiff } = createRequire(join(resolve(folder), "package.json"))("@aws-cdk/cloudformation-diff");
let count = 0;
for (const name of readdirSync(head).filter((it) => it.endsWith(".template.json"))) {
  const [old, now] = [base, head].map((side) => JSON.parse(readFileSync(join(side, name), "utf8")));
  count += fullDiff(old, now).differenceCount;
}
console.log(count);

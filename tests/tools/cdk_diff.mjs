// Holds our verdicts on single properties against those of the CDK: node cdk_diff.mjs FOLDER CASES PAGE.
//
// Where the two differ, the table of PAGE says why; a row that explains nothing fails, too.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, casesFile, page] = process.argv.slice(2);
const { fullDiff } = createRequire(join(folder, "package.json"))("@aws-cdk/cloudformation-diff");
const cases = JSON.parse(readFileSync(casesFile, "utf8"));
const rows = readFileSync(page, "utf8").matchAll(/^\| `(AWS::[\w:]+)` \| `(\w+)` \| (\w+) \| (.+) \|$/gm);
const explained = new Map([...rows].map(([, type, property, impact]) => [`${type} ${property} ${impact}`, 0]));

const ours = (verdict) => {
  if (verdict === "replace" || verdict === "data loss") return ["WILL_REPLACE", "MAY_REPLACE"];
  if (verdict === "may replace") return ["MAY_REPLACE"];
  return ["WILL_UPDATE"];
};
let passed = 0;
let failed = 0;
for (const { type, property, before, after, verdict } of cases) {
  const template = (value) => {
    const properties = value === null ? {} : { [property]: value };
    return { Resources: { It: { Type: type, Properties: properties } } };
  };
  let impact = "NO_CHANGE";
  fullDiff(template(before), template(after)).resources.forEachDifference((_, it) => { impact = it.changeImpact; });
  const key = `${type} ${property} ${impact}`;
  if (ours(verdict).includes(impact)) {
    passed += 1;
  } else if (explained.has(key)) {
    explained.set(key, explained.get(key) + 1);
    passed += 1;
  } else {
    failed += 1;
    console.log(`${type} ${property} ${JSON.stringify(before)} -> ${JSON.stringify(after)}: ${verdict}, and the CDK says ${impact}`);
  }
}
for (const [key, count] of explained) {
  if (count === 0) {
    failed += 1;
    console.log(`${page} explains ${key}, which no case shows`);
  }
}
console.log(`judged: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

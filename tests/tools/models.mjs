// Validates objects (a JSON list on stdin) with the models that npm packages carry for their kinds.
// Prints one line per finding. The packages are found from the folder in the first argument.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

// The packages that are not named as the group is.
const PACKAGES = {
  "argoproj.io": "argo-cd",
  "helm.toolkit.fluxcd.io": "flux-cd",
  "kustomize.toolkit.fluxcd.io": "flux-cd",
  "source.toolkit.fluxcd.io": "flux-cd",
};

const root = resolve(process.argv[2], "node_modules/@kubernetes-models");
let text = "";
for await (const chunk of process.stdin) text += chunk;

for (const { path, object } of JSON.parse(text)) {
  const [group, version] = object.apiVersion.split("/");
  const folder = `${root}/${PACKAGES[group] ?? group.split(".")[0]}/${group}`;
  const models = await import(pathToFileURL(`${folder}/${version}/${object.kind}.js`));
  try {
    new models[object.kind](object).validate();
  } catch (error) {
    console.log(`${path}: ${error.message}`);
  }
}

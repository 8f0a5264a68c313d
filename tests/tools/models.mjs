// Validates External Secrets objects (a JSON list on stdin) with the models that the npm package carries.
// Prints one line per finding. The package is found from the folder in the first argument.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const folder = resolve(process.argv[2], "node_modules/@kubernetes-models/external-secrets/external-secrets.io");
let text = "";
for await (const chunk of process.stdin) text += chunk;

for (const { path, object } of JSON.parse(text)) {
  const version = object.apiVersion.split("/")[1];
  const models = await import(pathToFileURL(`${folder}/${version}/${object.kind}.js`));
  try {
    new models[object.kind](object).validate();
  } catch (error) {
    console.log(`${path}: ${error.message}`);
  }
}

// A shop on AWS as a platform team keeps it in the AWS CDK: five stacks for one region. `meshsynth adopt` is tested with it.
//
// It asks nobody anything: regions and zones are written down, and all code is inline or in the packages of the CDK.

import { App, Tags } from "aws-cdk-lib";
import flags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };

import { Data } from "./data.mjs";
import { Edge } from "./edge.mjs";
import { Messaging } from "./messaging.mjs";
import { Network } from "./network.mjs";
import { Platform } from "./platform.mjs";

// As `cdk init` writes them into cdk.json, but for this: stacks read exports of each other.
const app = new App({ context: { ...flags, "@aws-cdk/core:defaultCrossStackReferences": "strong" } });
const env = { region: "eu-central-1" };

const network = new Network(app, "Network", { env });
const platform = new Platform(app, "Platform", { env, vpc: network.vpc });
const data = new Data(app, "Data", { env, vpc: network.vpc, cluster: platform.cluster });
const messaging = new Messaging(app, "Messaging", { env, data });
new Edge(app, "Edge", { env, vpc: network.vpc, orders: messaging.streams.Orders.queue });

Tags.of(app).add("team", "shop");
Tags.of(app).add("environment", "production");
app.synth();

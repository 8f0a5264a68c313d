//! What somebody changed by hand, in both halves.

use std::path::Path;

use anyhow::Result;

use crate::assembly::Assembly;
use crate::aws::Aws;
use crate::call::{Call, unreadable};
use crate::cloud::{Cloud, Drift, Place};
use crate::executor::Outputs;
use crate::guard::{Site, block_on};
use crate::kube::Drifted;
use crate::plan::Plan;
use crate::watch::{Said, Stop};

/// What somebody changed by hand.
pub struct Drifts {
    /// By stack.
    pub stacks: Vec<(String, Vec<Drift>)>,
    /// By cluster.
    pub clusters: Vec<(String, Vec<Drifted>)>,
}

impl Drifts {
    /// Whether everything is as it was deployed.
    pub fn is_none(&self) -> bool {
        self.stacks.iter().all(|(_, rows)| rows.is_empty()) && self.clusters.iter().all(|(_, rows)| rows.is_empty())
    }
}

/// What somebody changed by hand, in the stacks and in the clusters.
pub fn drift(call: &Call<'_>) -> Result<Drifts> {
    let assembly = Assembly::read(&call.folder)?;
    let plan = Plan::new(&assembly, None)?;
    let aws = Aws::new(call.access.clone());
    let stop = Stop::default();
    block_on(&stop, call.is_interrupted, async {
        let mut drifts = Drifts { stacks: Vec::new(), clusters: Vec::new() };
        let mut outputs = Outputs::new();
        for stack in &assembly.manifest.stacks {
            let place = Place { account: stack.account.clone(), region: stack.region.clone() };
            call.watch.say(&Said::Doing { at: stack.id.clone(), text: "comparing it with AWS".to_owned() });
            let rows = match aws.stack(&place, &stack.name).await.map_err(unreadable)? {
                Some(found) => {
                    outputs.insert(stack.id.clone(), found.outputs);
                    aws.drift(&place, &stack.name).await.map_err(unreadable)?
                }
                None => vec![Drift {
                    id: stack.name.clone(),
                    kind: "AWS::CloudFormation::Stack".to_owned(),
                    status: "DELETED".to_owned(),
                    properties: Vec::new(),
                }],
            };
            drifts.stacks.push((stack.id.clone(), rows));
        }
        let site = Site { call, aws: &aws, assembly: &assembly, watch: call.watch, stop: &stop };
        let clusters = site.clusters(Path::new(""));
        for step in plan.clusters.iter().filter(|_| !call.ways.stacks_only) {
            if let Some(need) = step.needs.iter().find(|need| !outputs.contains_key(*need)) {
                let text = format!("not compared: the stack `{need}` is not there");
                call.watch.say(&Said::Note { at: step.id.clone(), text });
                continue;
            }
            drifts.clusters.push((step.id.clone(), clusters.drift(step, &outputs).await?));
        }
        Ok(drifts)
    })
}

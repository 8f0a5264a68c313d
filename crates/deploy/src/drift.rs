//! Detects manual changes in stacks and clusters.

use std::path::Path;

use anyhow::Result;

use crate::assembly::Stack;
use crate::aws::Aws;
use crate::cloud::{AccountRegion, Cloud, CloudError, Drift};
use crate::event::Event;
use crate::executor::Outputs;
use crate::failure::{Failure, Kind, of_call};
use crate::gate::Gate;
use crate::kube::Drifted;
use crate::plan::Plan;
use crate::session::{Options, Session};

/// The manual changes of an app.
#[derive(Default)]
pub struct Drifts {
    /// The changed resources, by stack.
    pub stacks: Vec<(String, Vec<Drift>)>,
    /// The changed objects, by cluster.
    pub clusters: Vec<(String, Vec<Drifted>)>,
    /// The stacks and clusters that could not be compared, with the reason.
    pub unread: Vec<(String, Failure)>,
}

impl Drifts {
    /// Whether all compared parts are unchanged.
    pub fn is_none(&self) -> bool {
        self.stacks.iter().all(|(_, rows)| rows.is_empty()) && self.clusters.iter().all(|(_, rows)| rows.is_empty())
    }
}

/// Detects manual changes in stacks and clusters. A failed comparison does not affect the other comparisons.
pub fn drift(options: &Options<'_>) -> Result<Drifts> {
    let session = Session::open(options)?;
    let (Session { assembly, stop, .. }, aws) = (&session, session.aws());
    let plan = Plan::new(assembly, None)?;
    session.read(async {
        let mut drifts = Drifts::default();
        let mut outputs = Outputs::new();
        for stack in &assembly.manifest.stacks {
            if stop.is_cancelled() {
                return Err(Failure::interrupted("interrupted: the comparison is incomplete").into());
            }
            options.watch.say(&Event::Doing { at: stack.id.clone(), text: "comparing the stack with AWS".to_owned() });
            match of_stack(aws, stack, &mut outputs).await {
                Ok(rows) => drifts.stacks.push((stack.id.clone(), rows)),
                Err(error) => {
                    let text = format!("stack `{}` ({}) cannot be compared", stack.name, stack.region);
                    drifts.unread.push((stack.id.clone(), of_call(text, &error)));
                }
            }
        }
        let gate = Gate::open();
        let clusters = session.clusters(options.watch, &gate, Path::new(""));
        for step in plan.clusters.iter().filter(|_| !options.clusters.stacks_only) {
            if let Some(need) = step.needs.iter().find(|need| !outputs.contains_key(*need)) {
                let text =
                    format!("cluster `{}` is not compared: the outputs of the stack `{need}` are unknown", step.id);
                let is_gone = drifts.stacks.iter().any(|(id, _)| id == need);
                let help = if is_gone {
                    "the stack does not exist: deploy it first"
                } else {
                    "see the error of the stack above"
                };
                drifts.unread.push((step.id.clone(), Failure::new(text, help)));
                continue;
            }
            match clusters.drift(step, &outputs).await {
                Ok(compared) => {
                    drifts.clusters.push((step.id.clone(), compared.drifted));
                    drifts.unread.extend(compared.unread.into_iter().map(|failure| (step.id.clone(), failure)));
                }
                Err(failure) if failure.kind == Kind::Interrupted => return Err(failure.into()),
                Err(failure) => drifts.unread.push((step.id.clone(), failure)),
            }
        }
        Ok(drifts)
    })
}

/// Returns the resources of a stack that differ. Reports a deleted stack as drift.
async fn of_stack(aws: &Aws, stack: &Stack, outputs: &mut Outputs) -> Result<Vec<Drift>, CloudError> {
    let place = AccountRegion { account: stack.account.clone(), region: stack.region.clone() };
    let Some(found) = aws.stack(&place, &stack.name).await? else {
        return Ok(vec![Drift {
            id: stack.name.clone(),
            kind: "AWS::CloudFormation::Stack".to_owned(),
            status: "DELETED".to_owned(),
            properties: Vec::new(),
        }]);
    };
    outputs.insert(stack.id.clone(), found.outputs);
    aws.drift(&place, &stack.name).await
}

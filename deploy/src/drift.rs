//! What somebody changed by hand, in both halves.

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

/// What somebody changed by hand.
#[derive(Default)]
pub struct Drifts {
    /// By stack.
    pub stacks: Vec<(String, Vec<Drift>)>,
    /// By cluster.
    pub clusters: Vec<(String, Vec<Drifted>)>,
    /// What could not be compared, by stack or cluster, and why.
    pub unread: Vec<(String, Failure)>,
}

impl Drifts {
    /// Whether everything that could be compared is as it was deployed.
    pub fn is_none(&self) -> bool {
        self.stacks.iter().all(|(_, rows)| rows.is_empty()) && self.clusters.iter().all(|(_, rows)| rows.is_empty())
    }
}

/// What somebody changed by hand, in the stacks and in the clusters. What cannot be compared keeps nothing else from it.
pub fn drift(options: &Options<'_>) -> Result<Drifts> {
    let session = Session::open(options)?;
    let Session { assembly, aws, stop, .. } = &session;
    let plan = Plan::new(assembly, None)?;
    session.read(async {
        let mut drifts = Drifts::default();
        let mut outputs = Outputs::new();
        for stack in &assembly.manifest.stacks {
            if stop.is_cancelled() {
                return Err(Failure::interrupted("interrupted: not everything is compared").into());
            }
            options.watch.say(&Event::Doing { at: stack.id.clone(), text: "comparing it with AWS".to_owned() });
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
                    format!("cluster `{}` is not compared: the outputs of the stack `{need}` are not known", step.id);
                let is_gone = drifts.stacks.iter().any(|(id, _)| id == need);
                let help = if is_gone { "the stack is not there: deploy it first" } else { "see the stack above" };
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

/// What of a stack is not as it was deployed; one that is gone is told.
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

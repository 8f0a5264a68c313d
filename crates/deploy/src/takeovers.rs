//! `deploy --plan` with `--adopt`, `--import`, `--take-over` or `--refactor`: reports takeovers and moves without
//! changes.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::cloud::Cloud;
use crate::clusters::LiveClusters;
use crate::commands::live;
use crate::executor::Outputs;
use crate::failure::{Failure, unreadable};
use crate::gate::Gate;
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::refactor::Refactorer;
use crate::retry::retry_throttled;
use crate::session::{Options, Session};
use crate::stack::{ImportSettings, Settings, Worker};

/// Reports the takeovers and moves. Returns everything that would prevent them.
pub fn look(options: &Options<'_>) -> Result<Vec<Failure>> {
    let session = Session::open(options)?;
    let plan = Plan::new(&session.assembly, None)?;
    // A scan starts only on request.
    let import = options.settings.import.clone().map(|import| ImportSettings { looks: true, ..import });
    let settings = Settings { import, ..options.settings.clone() };
    session.read(async {
        let (Session { assembly, stop, .. }, cloud) = (&session, session.aws());
        let there = BTreeMap::new();
        let inputs = Inputs { cloud, assembly, plan: &plan, settings: &settings, there: &there };
        let mut wrong = inputs.names();
        if !wrong.is_empty() {
            return Ok(wrong);
        }
        let of_stacks = options.refactors || settings.import.is_some() || !settings.adopt.is_empty();
        for place in plan.places().into_iter().filter(|_| of_stacks) {
            // Report missing credentials only once.
            retry_throttled(stop, async || cloud.account(&place).await).await.map_err(unreadable)?;
        }
        if options.refactors {
            let (plan, settings, watch) = (&plan, &settings, options.watch);
            wrong.extend(Refactorer { cloud, assembly, plan, settings, watch, stop }.look().await.err());
        }
        for step in plan.stacks.iter().filter(|it| settings.import.is_some() || settings.adopt.contains(&it.name)) {
            let worker = Worker::new(cloud, assembly, step, &settings, options.watch, stop);
            wrong.extend(worker.look().await.err());
        }
        let takes_objects = !options.clusters.take_over.is_empty() && !options.clusters.stacks_only;
        if takes_objects && !plan.clusters.is_empty() {
            wrong.extend(of_clusters(&session, &plan).await?);
        }
        Ok(wrong)
    })
}

/// Reports the takeovers in clusters.
async fn of_clusters(session: &Session<'_>, plan: &Plan) -> Result<Vec<Failure>> {
    let (Session { assembly, stop, options, .. }, aws) = (session, session.aws());
    // A kubeconfig identifies a cluster without AWS, but the manifests can still need stack outputs.
    let is_needed = options.clusters.is_of_eks() || !assembly.bindings.is_empty();
    let outputs = if is_needed { live(aws, assembly, stop).await? } else { Outputs::new() };
    let gate = Gate::open();
    let (access, watch, folder) = (&options.clusters, options.watch, options.folder.clone());
    let clusters = LiveClusters { aws, assembly, access, watch, stop, gate: &gate, folder };
    let mut wrong = Vec::new();
    for step in &plan.clusters {
        wrong.extend(clusters.look(step, &outputs).await.err());
    }
    Ok(wrong)
}

//! What is deployed, as AWS and the clusters have it: templates, objects, releases. Only looks.
//!
//! What cannot be read is named, so that nobody takes it for unchanged.

mod clusters;
mod stacks;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs, io, process};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::gate::Gate;
use crate::kube::Seen;
use crate::plan::Plan;
use crate::session::{Options, Session};

pub use stacks::stacks;

/// Everything that is deployed of an app.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// The stacks that are there, also those that the assembly no longer has.
    pub stacks: Vec<LiveStack>,
    /// The clusters of the assembly; none where they were left out.
    pub clusters: Vec<LiveCluster>,
    /// What somebody should know.
    pub notes: Vec<String>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

/// A stack that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveStack {
    /// Its path in the program.
    pub id: String,
    /// Its name in AWS.
    pub name: String,
    /// Its account, as the assembly says it.
    pub account: Option<String>,
    /// Its region.
    pub region: String,
    /// Its template, as it was handed in.
    pub template: String,
    /// Its tags, without those by which a stack is known to be ours.
    pub tags: BTreeMap<String, String>,
}

/// A cluster of the assembly.
#[derive(Clone, Debug, Default)]
pub struct LiveCluster {
    /// Its id in the assembly.
    pub id: String,
    /// Its objects, with the paths of those that are in the assembly; none where they could not be read.
    pub objects: Option<Vec<(Option<String>, Seen)>>,
    /// Its releases; none where they could not be read.
    pub releases: Option<Vec<LiveRelease>>,
}

/// A release of the assembly, or of an earlier one.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveRelease {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The path of its values in the assembly; none where that no longer has it.
    pub path: Option<String>,
    /// Its values as they would be given.
    pub wanted: Option<Value>,
    /// The chart with its version, such as `istiod-1.28.0`, and the values that it has; none where it is not there.
    pub found: Option<(String, Value)>,
}

/// Reads what is deployed of the assembly in a folder.
pub fn read(options: &Options<'_>) -> Result<Live> {
    let session = Session::open(options)?;
    let last = session.last()?.unwrap_or_default();
    let plan = Plan::new(&session.assembly, Some(&last))?;
    let scratch = Scratch::new()?;
    session.read(async {
        let (mut live, outputs) = stacks(&session.aws, &session.assembly, &last).await?;
        if options.clusters.stacks_only {
            return Ok(live);
        }
        let gate = Gate::open();
        let clusters = session.clusters(options.watch, &gate, &scratch.0);
        for step in &plan.clusters {
            let gone = plan.gone.releases.get(&step.id).cloned().unwrap_or_default();
            let cluster = clusters.read(step, &outputs, &gone, &mut live).await;
            live.clusters.push(cluster);
        }
        Ok(live)
    })
}

/// Makes folders that only we may read; on Windows those of the user are so already.
fn private_folder() -> fs::DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// A folder that only we may read, gone when this is: Helm reads a kubeconfig with a token there.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        let builder = private_folder();
        for attempt in 0..100 {
            let path = env::temp_dir().join(format!("meshsynth-live-{}-{attempt}", process::id()));
            match builder.create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| format!("cannot make `{}`", path.display())),
            }
        }
        bail!("cannot make a folder in `{}`", env::temp_dir().display())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The system removes what is left here.
        let _ = fs::remove_dir_all(&self.0);
    }
}

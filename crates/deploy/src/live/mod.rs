//! Reads the deployed templates, objects and releases of an app from AWS and the clusters. Changes nothing.
//!
//! Unreadable parts are listed, so that they do not appear to be unchanged.

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

/// The deployed state of an app.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// The existing stacks, including stacks that the assembly no longer contains.
    pub stacks: Vec<LiveStack>,
    /// The clusters of the assembly. Empty if clusters are excluded.
    pub clusters: Vec<LiveCluster>,
    /// Notes for the user.
    pub notes: Vec<String>,
    /// The parts that could not be read, with the reason.
    pub unread: Vec<String>,
}

/// An existing stack.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveStack {
    /// The path in the program.
    pub id: String,
    /// The name in AWS.
    pub name: String,
    /// The account, as specified in the assembly.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The submitted template.
    pub template: String,
    /// The tags, without the tags that identify a stack of meshsynth.
    pub tags: BTreeMap<String, String>,
}

/// A cluster of the assembly.
#[derive(Clone, Debug, Default)]
pub struct LiveCluster {
    /// The ID in the assembly.
    pub id: String,
    /// The objects, with the path of the manifest if the assembly contains one. `None` if the objects could not be
    /// read.
    pub objects: Option<Vec<(Option<String>, Seen)>>,
    /// The releases, or `None` if they could not be read.
    pub releases: Option<Vec<LiveRelease>>,
}

/// A release of the current or an earlier assembly.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveRelease {
    /// The name.
    pub name: String,
    /// The namespace.
    pub namespace: String,
    /// The path of the values in the assembly, or `None` if the assembly no longer contains the release.
    pub path: Option<String>,
    /// The values of the next deployment.
    pub wanted: Option<Value>,
    /// The deployed chart with its version, such as `istiod-1.28.0`, and its values. `None` if the release does not
    /// exist.
    pub found: Option<(String, Value)>,
}

/// Reads the deployed state of the assembly in a folder.
pub fn read(options: &Options<'_>) -> Result<Live> {
    let session = Session::open(options)?;
    let last = session.last()?.unwrap_or_default();
    let plan = Plan::new(&session.assembly, Some(&last))?;
    let scratch = Scratch::new()?;
    session.read(async {
        let (mut live, outputs) = stacks(session.aws(), &session.assembly, &last).await?;
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

/// Creates folders that only the current user can read. On Windows, folders of the user are private by default.
fn private_folder() -> fs::DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// A private folder that is deleted on drop. It contains a kubeconfig with a token for Helm.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        let builder = private_folder();
        for attempt in 0..100 {
            let path = env::temp_dir().join(format!("meshsynth-live-{}-{attempt}", process::id()));
            match builder.create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| format!("cannot create `{}`", path.display())),
            }
        }
        bail!("cannot create a folder in `{}`", env::temp_dir().display())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The operating system removes remaining temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

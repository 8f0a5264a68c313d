//! Reads deployed stacks and clusters by name, even if another tool deployed them. Changes nothing.
//!
//! [`stacks`] reads templates in their submitted form, [`clusters`] reads objects. Both result in one folder
//! ([`Deployed`]), which is read like any other folder.

mod clusters;
mod stacks;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
pub use meshsynth_assembly::deployed::{Deployed, DeployedCluster, DeployedStack, Wanted, WantedCluster, WantedStack};

use crate::assembly::{Assembly, Manifest};
use crate::failure::Failure;
use crate::session::{Options, Session};

pub use stacks::stacks;

/// Reads the requested stacks and clusters.
///
/// # Errors
///
/// If AWS or a cluster rejects the credentials, or a stack operation is in progress. The result lists all other
/// unreadable parts.
pub fn read(options: &Options<'_>, wanted: &Wanted) -> Result<Deployed> {
    let nothing = Assembly {
        folder: PathBuf::new(),
        manifest: Manifest::default(),
        files: BTreeMap::new(),
        bindings: BTreeMap::new(),
    };
    let session = Session::of(options, nothing);
    session.read(async {
        // If both AWS and cluster credentials are missing, the error reports both.
        let of_stacks = match wanted.stacks.is_empty() {
            true => Ok(Deployed::default()),
            false => {
                let region = wanted.region.clone().or(session.aws.region_of_environment().await);
                stacks(session.aws(), region, wanted).await
            }
        };
        let of_clusters = clusters::read(&session, wanted).await;
        match (of_stacks, of_clusters) {
            (Ok(mut all), Ok(more)) => {
                all.clusters = more.clusters;
                all.files.extend(more.files);
                all.notes.extend(more.notes);
                all.unread.extend(more.unread);
                Ok(all)
            }
            (Err(first), Err(other)) => match first.downcast::<Failure>() {
                Ok(first) => Err(first.note(format!("{other:#}").replace('\n', " ")).into()),
                Err(first) => Err(first),
            },
            (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        }
    })
}

/// Replaces path separators in a name.
fn plain(name: &str) -> String {
    name.replace(['/', '\\', ':'], "_")
}

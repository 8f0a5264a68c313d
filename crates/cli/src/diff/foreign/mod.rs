//! `meshsynth diff` for the output of other tools: two folders of templates, cloud assemblies and manifests, without a
//! program.
//!
//! - [`Platform`] reads a folder.
//! - [`stacks`], [`objects`], [`variants`] and [`left_out`] match the stacks and objects of both sides.
//! - [`sides`] converts the result to the model that `meshsynth-diff` compares.
//! - [`noise`] folds values that tools generate.
//! - [`deployed`] reads the deployed state as the old side.

mod assets;
pub mod deployed;
mod digest;
mod each;
mod generated;
mod joins;
mod left_out;
mod noise;
mod object;
mod objects;
mod pieces;
mod plain;
mod platform;
mod secret;
mod sides;
mod stacks;
mod template;
mod unknown;
mod variants;

use std::collections::BTreeSet;

use anyhow::Result;
use meshsynth_diff::Diff;

use crate::config::Join;
pub use platform::{Folder, Platform, Taken};
pub use template::Template;

/// Compares two platforms of any origin.
///
/// # Errors
///
/// If a document is neither a template nor an object, or a join refers to a missing output.
pub fn compare(mut base: Platform, mut head: Platform, app: &str, joins: &[Join]) -> Result<Diff> {
    plain::write(&mut base);
    plain::write(&mut head);
    stacks::join(&mut base, &mut head);
    stacks::forget_loops(&mut base, &mut head);
    stacks::call_alike(&mut base, &head);
    joins::put(joins, &mut base, &mut head)?;
    let (renamed, twice) = objects::join(&mut base, &mut head);
    let (unread, mut notes) = left_out::take_out(&mut base, &mut head);
    notes.extend(twice);
    if base.is_serverless || head.is_serverless {
        notes.push(
            "AWS SAM expands `AWS::Serverless` at deployment: the resources that it adds are not compared".to_owned(),
        );
    }
    let macros: BTreeSet<String> = base.macros.union(&head.macros).map(|name| format!("`{name}`")).collect();
    if !macros.is_empty() {
        let names = Vec::from_iter(macros).join(", ");
        notes.push(format!("the changes that macros make at deployment are not compared: {names}"));
    }
    let noise = noise::Noise::of(&base, &head, renamed);
    let clusters = [base.clusters.clone(), head.clusters.clone()];
    let mut old = sides::side(base, app, &clusters[1]);
    (old.unread, old.notes) = (unread, notes);
    let new = sides::side(head, app, &clusters[0]);
    let mut diff = Diff::new(&old, &new)?;
    noise.fold(&mut diff);
    Ok(diff)
}

//! Reads existing files and folders: templates, the output of other tools, and manifests in any layout.
//!
//! `check`, `diff` and `reach` share these rules about skipped files:
//!
//! - [`files::sources`] walks folders.
//! - [`cdk`], [`sam`] and [`deployed`] read the output of those tools.
//! - [`part::parts`] classifies documents.
//! - [`Estate`] is the result: stacks and objects with their files and lines.
//!
//! ```text
//! let estate = Estate::read(&Given::from(&path), &Options::default())?;
//! for stack in &estate.stacks { … }     // name, file, document with its places
//! for object in &estate.objects { … }   // file, document with its places, namespace of its folder
//! ```

pub mod cdk;
pub mod claims;
pub mod deployed;
mod estate;
pub mod files;
pub mod made;
pub mod part;
pub mod render;
pub mod sam;
pub mod serverless;
pub mod skipped;
mod source;
pub mod unread;

pub use estate::{Estate, ObjectFile, Options, StackFile, stem};
pub use skipped::Skipped;
pub use source::{Given, Rendered, Source, StackOf, source};

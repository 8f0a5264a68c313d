//! What others wrote, read from folders and files: templates, the output of other tools, manifests in any layout.
//!
//! There is one opinion on what is skipped and why, for `check`, `diff` and `reach`. [`files::sources`] walks, [`cdk`],
//! [`sam`] and [`deployed`] know what those tools write, [`part::parts`] says what a document is, and [`Estate`] is what it comes to: stacks
//! and objects with the lines of their files.
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
pub mod skipped;
mod source;
pub mod unread;

pub use estate::{Estate, ObjectFile, Options, StackFile, stem};
pub use skipped::Skipped;
pub use source::{Given, Rendered, Source, StackOf, source};

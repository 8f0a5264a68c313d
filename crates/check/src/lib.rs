//! Reads existing templates and manifests, and checks them. It is not a public API and changes with the command line.
//!
//! 1. [`sources`] reads files and folders of any tool. `diff`, `reach` and `adopt` use it too.
//! 2. [`manifests`] checks them with the rules of `meshsynth`, and removes suppressed findings.
//! 3. [`policy`] reads policies and evaluates them.
//! 4. [`expressions`] evaluates CEL, for policies and for the validation rules of schemas.
//!
//! External tools run in [`temporary`] folders, and an [`interrupt`] ends them. [`whole_file`] writes files atomically.

mod expressions;
pub mod interrupt;
pub mod manifests;
pub mod policy;
pub mod settings;
pub mod sources;
pub mod temporary;
pub mod whole_file;

use meshsynth_yaml as yaml;

//! All integration tests, in one binary.

mod constructs;
mod diagnostics;
mod grants;
mod mistakes;
mod placeholders;
mod stacks;
mod support;
mod tidy;
mod types;
mod wires;
mod yaml;

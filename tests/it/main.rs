//! All integration tests, in one binary.

mod constructs;
mod definitions;
mod diagnostics;
mod grants;
mod mistakes;
mod placeholders;
mod shapes;
mod stacks;
mod support;
mod tidy;
mod types;
mod wires;
mod yaml;

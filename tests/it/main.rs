//! All integration tests, in one binary.

mod checkout;
mod circles;
mod constructs;
mod definitions;
mod diagnostics;
mod grants;
mod lists;
mod map;
mod mistakes;
mod odd_inputs;
mod one_cause;
mod placeholders;
mod release;
mod resource_of;
mod services;
mod shapes;
mod stacks;
mod support;
mod tidy;
mod types;
mod versions;
mod waves;
mod wires;
mod words;
mod yaml;

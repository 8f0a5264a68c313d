//! Compares declared relations with the answers of the engine.

mod cut;
mod cuts;
mod ways;

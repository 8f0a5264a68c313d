//! What platforms declare, held against what the engine answers of them.

mod cut;
mod cuts;
mod ways;

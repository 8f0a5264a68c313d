//! Diffs of small platforms.

mod access;
mod claims;
mod conditional;
mod data;
mod existing_network;
mod gates;
mod guards;
#[path = "../../../reach/tests/it/hole.rs"]
mod hole;
mod odd_shapes;
mod order_of_lists;
mod parameters;
mod protection;
mod reached;
mod reading;
mod refusal;
mod revisions;
mod same_ids;
mod scene;
mod serverless;
mod silent_access;
mod stores;
mod told;
mod verdicts;
mod ways;

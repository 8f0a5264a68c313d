//! Answers of the engine for the reference platforms, and for small worlds.

mod addresses;
mod conditions;
mod coverage;
mod fuzz;
mod hole;
mod holes;
mod identity;
mod ingress_controllers;
mod loss;
mod mesh;
mod mesh_settings;
mod network_policies;
mod networks;
mod platforms;
mod receivers;
mod relations;
mod same_names;
mod stores;
mod support;
mod surveys;
mod verdicts;
mod waypoints;
mod without_clusters;
mod world;

//! The policy evaluation, compared with published truth tables and with a second evaluator.

mod buckets;
mod naive;
mod platforms;
mod properties;
mod roles;
mod tables;
mod worlds;

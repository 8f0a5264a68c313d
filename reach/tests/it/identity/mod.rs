//! The evaluation of policies: against published truth tables, and against a second evaluator.

mod naive;
mod platforms;
mod properties;
mod tables;
mod worlds;

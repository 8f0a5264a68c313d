//! Tests of the evaluator through its public interface.

mod functions;
mod naive;
mod random;

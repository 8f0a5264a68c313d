//! Reads CloudFormation templates, and evaluates their parameters, mappings, conditions and intrinsic functions.
//!
//! A [`Template`] is a view of a parsed document. An [`Evaluator`] evaluates its values. An [`Environment`] supplies the
//! values of pseudo parameters and imports, and determines the form of values that only a deployment determines.
//! [`Evaluator::outcome`] returns a value that is known, unknown with a reason, or absent. [`choices`] returns the values
//! of parameters that conditions distinguish, and [`Dependent`] a result for each of them.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>.

mod addresses;
mod assigned;
mod assumption;
mod choices;
mod condition;
mod dependent;
mod environment;
mod evaluator;
mod functions;
mod outcome;
mod parameter;
mod syntax;
mod template;
pub mod zones;

pub use assigned::assigned;
pub use assumption::{Assumed, Values, words};
pub use choices::{Choice, Keys, choices, combinations, conditions_of, keys_of};
pub use dependent::{Case, Dependent};
pub use environment::{Environment, Open, Piece, Residual};
pub use evaluator::{Budget, Evaluator, Mode};
pub use outcome::{Outcome, Reason, Unknown};
pub use parameter::Parameter;
pub use syntax::scalar;
pub use template::Template;

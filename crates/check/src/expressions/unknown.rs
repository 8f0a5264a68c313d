//! Values that are unknown before a deployment, and variables whose evaluation failed.
//!
//! Each access to such a value is recorded for the current thread. An expression that fails after such an access has no
//! result. An expression that does not depend on the value, such as `a || unknown` with a true `a`, has a result.

use std::any::Any;
use std::cell::RefCell;
use std::sync::Arc;

use cel::ExecutionError;
use cel::common::traits::{Adder, Indexer};
use cel::common::types::{CelBool, Type};
use cel::common::value::{BuiltinRef, CowVal, StaticVal, Val};

use super::Answer;

/// The type of these values. No function accepts it.
static TYPE: Type = Type::new_unspecified_type("a value that is unknown");

thread_local! {
    static MET: RefCell<Met> = const { RefCell::new(Met { unknown: None, failed: None }) };
}

/// The special values that an evaluation accessed.
#[derive(Debug, Default)]
pub struct Met {
    /// The description of the first unknown value.
    pub unknown: Option<String>,
    /// The message of the first failed variable.
    pub failed: Option<String>,
}

impl Met {
    /// Runs an evaluation, and returns the accessed special values with its result. A nested evaluation is recorded
    /// separately.
    pub fn during<T>(evaluation: impl FnOnce() -> T) -> (T, Self) {
        let before = MET.take();
        let result = evaluation();
        (result, MET.replace(before))
    }
}

/// An unknown value with a description, such as "`request.userInfo`, which only the API server knows".
#[derive(Clone, Debug)]
pub struct Unknown {
    what: Arc<str>,
    is_failure: bool,
}

impl Unknown {
    /// Creates an unknown value.
    pub fn new(what: impl Into<Arc<str>>) -> Self {
        Self { what: what.into(), is_failure: false }
    }

    /// Creates a value whose expression failed.
    pub fn failed(why: impl Into<Arc<str>>) -> Self {
        Self { what: why.into(), is_failure: true }
    }

    /// Returns the result of an expression that evaluates to this value.
    pub fn answer(&self) -> Answer {
        let what = self.what.to_string();
        if self.is_failure { Answer::Failed(what) } else { Answer::Unknown(what) }
    }

    /// Records an access to the value.
    pub fn touch(&self) {
        MET.with_borrow_mut(|met| {
            let of_kind = if self.is_failure { &mut met.failed } else { &mut met.unknown };
            of_kind.get_or_insert_with(|| self.what.to_string());
        });
    }

    /// Records an access, and returns an error for the evaluation.
    pub fn error(&self) -> ExecutionError {
        self.touch();
        ExecutionError::function_error("unknown", &self.what)
    }
}

impl Val for Unknown {
    fn get_type(&self) -> &Type {
        self.touch();
        &TYPE
    }

    fn cel_type() -> &'static Type {
        &TYPE
    }

    fn as_adder<'b, 'v>(&'b self) -> Option<&'b (dyn Adder + 'v)>
    where
        Self: 'v,
    {
        self.touch();
        None
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        self.touch();
        Some(self)
    }

    fn equals(&self, _: &dyn Val) -> bool {
        self.touch();
        false
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn as_builtin<'b, 'v>(&'b self) -> BuiltinRef<'b, 'v>
    where
        Self: 'v,
    {
        self.touch();
        BuiltinRef::Other
    }
}

impl StaticVal for Unknown {}

impl Indexer for Unknown {
    fn get<'b, 'v>(&'b self, _: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Err(self.error())
    }

    fn steal<'v>(self: Box<Self>, _: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Err(self.error())
    }
}

/// Returns the unknown value without recording an access.
pub fn as_unknown(value: &dyn Val) -> Option<&Unknown> {
    value.as_any()?.downcast_ref::<Unknown>()
}

/// Returns `true` or `false` as a value.
pub fn truth<'b, 'v>(holds: bool) -> CowVal<'b, 'v> {
    CowVal::owned(CelBool::from(holds))
}

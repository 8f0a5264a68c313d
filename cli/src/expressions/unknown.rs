//! A value that is not known before a deployment, and a variable that could not be evaluated.
//!
//! Whoever looks at such a value is recorded for the thread. An expression that ends with an error after it met one has no
//! answer; one that does not need it (`a || unknown` where `a` holds) is answered.

use std::any::Any;
use std::cell::RefCell;
use std::sync::Arc;

use cel::ExecutionError;
use cel::common::traits::{Adder, Indexer};
use cel::common::types::{CelBool, Type};
use cel::common::value::{BuiltinRef, CowVal, StaticVal, Val};

use super::Answer;

/// The type of these values; no function takes it.
static TYPE: Type = Type::new_unspecified_type("a value that is not known");

thread_local! {
    static MET: RefCell<Met> = const { RefCell::new(Met { unknown: None, failed: None }) };
}

/// What an evaluation met.
#[derive(Debug, Default)]
pub struct Met {
    /// The first unknown value that was looked at: what it is.
    pub unknown: Option<String>,
    /// The first variable that was needed and fails: why.
    pub failed: Option<String>,
}

impl Met {
    /// Runs an evaluation, and answers what it met. One within another one is part of it.
    pub fn during<T>(evaluation: impl FnOnce() -> T) -> (T, Self) {
        let before = MET.take();
        let result = evaluation();
        (result, MET.replace(before))
    }
}

/// A value that is not known: what it is, such as "`request.userInfo`, which only the API server knows".
#[derive(Clone, Debug)]
pub struct Unknown {
    what: Arc<str>,
    is_failure: bool,
}

impl Unknown {
    /// A value that is not known.
    pub fn new(what: impl Into<Arc<str>>) -> Self {
        Self { what: what.into(), is_failure: false }
    }

    /// A value that cannot be had, since its expression fails.
    pub fn failed(why: impl Into<Arc<str>>) -> Self {
        Self { what: why.into(), is_failure: true }
    }

    /// What an expression comes to that is this value.
    pub fn answer(&self) -> Answer {
        let what = self.what.to_string();
        if self.is_failure { Answer::Failed(what) } else { Answer::Unknown(what) }
    }

    /// Records that somebody needs it.
    pub fn touch(&self) {
        MET.with_borrow_mut(|met| {
            let of_kind = if self.is_failure { &mut met.failed } else { &mut met.unknown };
            of_kind.get_or_insert_with(|| self.what.to_string());
        });
    }

    /// The error of whoever needs it.
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

/// Whether a value is an unknown one, without that anybody needs it.
pub fn as_unknown(value: &dyn Val) -> Option<&Unknown> {
    value.as_any()?.downcast_ref::<Unknown>()
}

/// `true` or `false`.
pub fn truth<'b, 'v>(holds: bool) -> CowVal<'b, 'v> {
    CowVal::owned(CelBool::from(holds))
}

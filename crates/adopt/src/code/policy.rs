//! IAM policy documents and statements.

use meshsynth_model::val::{Bag, Data};

use super::{Writer, function};
use crate::tree::Expr;

/// The version of the policy language that `iam::document` writes.
const VERSION: &str = "2012-10-17";

/// The elements that the functions for statements take.
const ELEMENTS: [&str; 3] = ["Effect", "Action", "Resource"];

impl Writer<'_> {
    /// Writes a policy document or a statement with the functions of the library, or returns `None` for another map.
    pub(super) fn policy(&mut self, bag: &Bag) -> Option<Expr> {
        self.statement(bag).or_else(|| self.document(bag))
    }

    fn document(&mut self, bag: &Bag) -> Option<Expr> {
        let is_document = bag.len() == 2 && bag.get("Version").and_then(Data::as_str) == Some(VERSION);
        let statements = bag.get("Statement").filter(|_| is_document)?.as_list()?;
        let statements: Option<Vec<&Bag>> = statements.iter().map(plain_map).collect();
        let statements = statements.filter(|it| !it.is_empty())?;
        if let [only] = statements.as_slice()
            && let Some(service) = trusted_service(only)
        {
            return Some(Expr::call("iam::trust", [self.data(service).expr]));
        }
        let statements = statements.into_iter().map(|it| self.bag(it)).collect();
        Some(Expr::call("iam::document", [Expr::Array(statements)]))
    }

    fn statement(&mut self, bag: &Bag) -> Option<Expr> {
        let name = match bag.get("Effect")?.as_str()? {
            "Allow" => "iam::allow_statement",
            "Deny" => "iam::deny_statement",
            _ => return None,
        };
        let arguments = [self.data(bag.get("Action")?).expr, self.data(bag.get("Resource")?).expr];
        let others = bag.iter().filter(|(key, _)| !ELEMENTS.contains(key));
        let statement = Expr::call(name, arguments);
        Some(others.fold(statement, |of, (key, value)| of.method("with", [Expr::text(key), self.data(value).expr])))
    }
}

/// Returns a map that is not an intrinsic function.
fn plain_map(data: &Data) -> Option<&Bag> {
    data.as_map().filter(|it| !it.is_empty() && function(data).is_none())
}

/// Returns the service that a statement allows to assume the role, if the statement has no other elements.
fn trusted_service(statement: &Bag) -> Option<&Data> {
    let text = |key: &str| statement.get(key).and_then(Data::as_str);
    let is_trust = statement.len() == 3 && text("Effect") == Some("Allow") && text("Action") == Some("sts:AssumeRole");
    let principal = statement.get("Principal").filter(|_| is_trust)?.as_map()?;
    principal.get("Service").filter(|_| principal.len() == 1)
}

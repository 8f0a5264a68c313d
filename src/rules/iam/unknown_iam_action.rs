//! A policy names an action that IAM does not have.
//!
//! # What it reports
//!
//! The rule checks `Action` and `NotAction` of every policy statement. An action is an error if a similar action
//! exists, and otherwise a warning, because services get new actions.
//!
//! # Why it matters
//!
//! IAM accepts a policy with an unknown action. The intended action remains denied, or remains allowed if the statement
//! denies it.
//!
//! # Fix
//!
//! Correct the name.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use crate::diag::Diagnostic;
use crate::facts::actions::action;
use crate::rules::index::literals::{judged, texts_at};
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::{Bag, Data};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, _, resource) in model.resources() {
        statements(&resource.props, &mut |statement| judge(model, id, statement, out));
    }
}

/// Visits every policy statement at any depth.
fn statements<'a>(bag: &'a Bag, visit: &mut dyn FnMut(&'a Bag)) {
    let is_statement = matches!(bag.get("Effect").and_then(Data::as_str), Some("Allow" | "Deny"));
    if is_statement && (bag.get("Action").is_some() || bag.get("NotAction").is_some()) {
        visit(bag);
    }
    for (_, value) in bag.iter() {
        below(value, visit);
    }
}

fn below<'a>(data: &'a Data, visit: &mut dyn FnMut(&'a Bag)) {
    match data {
        Data::Map(bag) => statements(bag, visit),
        Data::List(items) => items.iter().for_each(|item| below(item, visit)),
        _ => {}
    }
}

fn judge(model: &Model, id: NodeId, statement: &Bag, out: &mut Vec<Diagnostic>) {
    let named = ["Action", "NotAction"].into_iter().flat_map(|key| texts_at(statement, key));
    for name in named.filter(|name| *name != "*") {
        out.extend(judged(model, id, "MS0504", "IAM action", name, action(name)));
    }
}

#[cfg(test)]
mod tests {
    use crate::diag::Severity;
    use crate::iam::{Role, RoleProps, Statement, Trust};
    use crate::testing::{diagnostics, stack};

    fn allowing(action: &str) -> Vec<(&'static str, Severity)> {
        let found = diagnostics("shop", |app| {
            let role = Role::new(&stack(app, "run"), "worker", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            role.allow(Statement::allow([action]).on("arn:aws:sqs:ap-northeast-1:111122223333:orders"));
        });
        found.into_iter().map(|it| (it.code, it.severity)).collect()
    }

    #[test]
    fn reports_misspelled_actions_and_warns_about_unknown_ones() {
        assert_eq!(allowing("sqs:SendMesage"), [("MS0504", Severity::Error)]);
        assert_eq!(allowing("sqs:Teleport"), [("MS0504", Severity::Warning)]);
    }

    #[test]
    fn accepts_known_actions_and_patterns() {
        assert_eq!(allowing("sqs:SendMessage"), []);
        assert_eq!(allowing("sqs:Get*"), []);
    }
}

//! The account ID of a stack is not 12 digits.
//!
//! # What it reports
//!
//! The account in the environment of a stack is empty, contains characters other than digits, or does not have 12
//! digits. Stacks with the same wrong account share one finding.
//!
//! # Why it matters
//!
//! An AWS account ID is text with 12 digits, including leading zeros. The ID is part of ARNs, of the roles that connect
//! stacks of two accounts, and of the account that `deploy` signs in to. An empty or shortened ID usually comes from an
//! unset variable, or from a number that lost its zeros.
//!
//! # Fix
//!
//! Write all 12 digits in `Env::new`. Alternatively, omit the account with `Env::region`, so that the credentials of
//! the deployment determine it.
//!
//! Source: <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html>

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::name::is_account;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::rules::index::references::also;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let mut by_account: BTreeMap<&str, Vec<NodeId>> = BTreeMap::new();
    for (id, stack) in model.stacks() {
        if let Some(account) = stack.env.account.as_deref().filter(|account| !is_account(account)) {
            by_account.entry(account).or_default().push(id);
        }
    }
    for (account, stacks) in by_account {
        let n_digits = account.chars().filter(char::is_ascii_digit).count();
        let message = match account {
            "" => "the account id of the stack is empty; it must have 12 digits".to_owned(),
            _ if n_digits == account.chars().count() => {
                format!("the account id `{account}` has {n_digits} digits; it must have 12")
            }
            _ => format!("`{account}` is not an account id, which has 12 digits"),
        };
        let help = "write the id with its leading zeros, or omit the account: `Env::region(..)`";
        out.push(also(model, &stacks, model.error(stacks[0], "MS0117", message)).help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::diagnostics;
    use crate::{Env, Stack, kms};

    fn said(account: &str) -> Vec<(&'static str, String)> {
        let found = diagnostics("shop", |app| {
            for id in ["data", "jobs"] {
                let stack = Stack::new(app, id, Env::new(account, "eu-west-1"));
                kms::Key::new(&stack, "key", kms::KeyProps::default());
            }
        });
        found.into_iter().map(|it| (it.code, it.message)).collect()
    }

    #[test]
    fn reports_each_id_without_twelve_digits_once() {
        assert_eq!(said("12345678901"), [("MS0117", "the account id `12345678901` has 11 digits; it must have 12".to_owned())]);
        assert_eq!(said("")[0].1, "the account id of the stack is empty; it must have 12 digits");
        assert_eq!(said("1111-2222-33")[0].1, "`1111-2222-33` is not an account id, which has 12 digits");
    }

    #[test]
    fn accepts_twelve_digits() {
        assert!(said("000022223333").is_empty());
    }
}

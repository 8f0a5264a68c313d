//! The principals of a statement.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.

use serde_json::Value;

use crate::json::texts;
use crate::sets::{Glob, Set, Test};

/// Returns the principals of a `Principal` or `NotPrincipal` element.
pub(super) fn set(value: &Value) -> Set {
    let mut tests = Vec::new();
    match value {
        Value::Object(map) => {
            for (kind, names) in map {
                for name in texts(names) {
                    if name == "*" && kind == "AWS" {
                        return Set::all();
                    }
                    tests.push(Test::Text(if kind == "AWS" { aws(&name) } else { Glob::literal(&name) }));
                }
            }
        }
        other => {
            for name in texts(other) {
                if name == "*" {
                    return Set::all();
                }
                tests.push(Test::Text(aws(&name)));
            }
        }
    }
    Set::of(tests)
}

/// Parses an AWS principal. An account represents all its principals. Wildcards are not supported.
fn aws(name: &str) -> Glob {
    let is_id = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let account = match name.strip_suffix(":root").and_then(|rest| rest.rsplit_once("::")) {
        Some((start, account)) if start.starts_with("arn:") => account,
        _ if is_id(name) => name,
        _ => return Glob::literal(name),
    };
    Glob::star(&format!("arn:*::{account}:*")).shown_as(&if is_id(name) {
        format!("arn:aws:iam::{name}:root")
    } else {
        name.to_owned()
    })
}

//! Corrections of wrong schemas: one function for each deviation, which fails when it is no longer needed.

use anyhow::{Context, Result, bail};

use super::facts::Facts;

/// A correction: its name and its function, which returns whether it was needed.
type Fixup = (&'static str, fn(&mut Facts) -> bool);

const FIXUPS: [Fixup; 1] = [("AWS::FraudDetector::List", fraud_list_is_not_our_list)];

/// Applies all corrections.
pub fn apply(facts: &mut [Facts]) -> Result<()> {
    for (name, fixup) in FIXUPS {
        let facts = facts.iter_mut().find(|facts| facts.name == name);
        let facts = facts.with_context(|| format!("a fixup refers to `{name}`, which is not a type"))?;
        if !fixup(facts) {
            bail!("a fixup of `{name}` is no longer needed");
        }
    }
    Ok(())
}

/// Renames a type that has the name of our own list type.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-frauddetector-list.html>
fn fraud_list_is_not_our_list(facts: &mut Facts) -> bool {
    let clashes = facts.rust_name == "List";
    facts.rust_name = "ListOfValues".to_owned();
    clashes
}

//! Where a schema is wrong: one function per deviation, which fails once it is not needed any more.

use anyhow::{Context, Result, bail};

use super::facts::Facts;

/// A deviation: what it is called, which type it is about, how it is done.
type Fixup = (&'static str, fn(&mut Facts) -> bool);

const FIXUPS: [Fixup; 1] = [("AWS::FraudDetector::List", fraud_list_is_not_our_list)];

/// Applies all deviations.
pub fn apply(facts: &mut [Facts]) -> Result<()> {
    for (name, fixup) in FIXUPS {
        let facts = facts.iter_mut().find(|facts| facts.name == name);
        let facts = facts.with_context(|| format!("a fixup is about `{name}`, which is not a type"))?;
        if !fixup(facts) {
            bail!("a fixup of `{name}` is no longer needed");
        }
    }
    Ok(())
}

/// The type is called as our own list is.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-frauddetector-list.html>
fn fraud_list_is_not_our_list(facts: &mut Facts) -> bool {
    let clashes = facts.rust_name == "List";
    facts.rust_name = "ListOfValues".to_owned();
    clashes
}

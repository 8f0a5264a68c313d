//! Values of placeholders: stack outputs, and values that are looked up with them.

use std::collections::{BTreeMap, BTreeSet};

use crate::assembly::{Assembly, Lookup};
use crate::cloud::{AccountRegion, Cloud};
use crate::executor::Outputs;
use crate::failure::{Failure, of_call};

/// Returns the values of the placeholders. The failure lists every placeholder without a value.
pub async fn values(
    cloud: &impl Cloud,
    assembly: &Assembly,
    outputs: &Outputs,
    wanted: &BTreeSet<String>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut out = BTreeMap::new();
    let mut known: BTreeMap<(Lookup, String), String> = BTreeMap::new();
    let mut missing = Vec::new();
    for key in wanted {
        let binding = &assembly.bindings[key];
        let output = outputs.get(&binding.stack).and_then(|outputs| outputs.get(&binding.output));
        let Some(output) = output.filter(|output| !output.is_empty()) else {
            missing.push(format!("`{key}` requires the output `{}` of stack `{}`", binding.output, binding.stack));
            continue;
        };
        let value = match &binding.lookup {
            None => output.clone(),
            Some(lookup) => {
                let at = (lookup.clone(), output.clone());
                if !known.contains_key(&at) {
                    let stack = assembly.stack(&binding.stack);
                    let place = AccountRegion {
                        account: stack.and_then(|stack| stack.account.clone()),
                        region: stack.map(|stack| stack.region.clone()).unwrap_or_default(),
                    };
                    let found = cloud.lookup(&place, lookup, output).await;
                    let found =
                        found.map_err(|error| of_call(format!("the value of `{key}` cannot be looked up"), &error))?;
                    known.insert(at.clone(), found);
                }
                known[&at].clone()
            }
        };
        out.insert(key.clone(), value);
    }
    if missing.is_empty() {
        return Ok(out);
    }
    let mut failure = Failure::new(
        format!("{} placeholders have no value, so no object is applied", missing.len()),
        "deploy the current output: updating a stack creates its new outputs",
    );
    failure.notes = missing;
    Err(failure)
}

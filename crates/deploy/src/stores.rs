//! Finds the data stores in deployed stacks, and the effect of a deletion on their data.

use anyhow::Result;
use meshsynth_diff::{stack, verdict};
use serde_json::Value;

use crate::assembly::Stack;
use crate::cloud::{AccountRegion, Cloud};
use crate::failure::unreadable;
use crate::judgement::Row;
use crate::session::{Options, Session};

/// Returns the data stores of an app's deployed stacks, by stack ID. The output may no longer contain them.
pub fn deployed(options: &Options<'_>) -> Result<Vec<(String, Row)>> {
    let session = Session::open(options)?;
    let (assembly, aws) = (&session.assembly, session.aws());
    session.read(async {
        let mut out = Vec::new();
        for stack in &assembly.manifest.stacks {
            let place = AccountRegion { account: stack.account.clone(), region: stack.region.clone() };
            let found = aws.stack(&place, &stack.name).await.map_err(unreadable)?;
            if found.is_none_or(|found| ["DELETE_COMPLETE", "REVIEW_IN_PROGRESS"].contains(&found.status.as_str())) {
                continue;
            }
            let template = aws.template(&place, &stack.name).await.map_err(unreadable)?;
            let template = stack::parse(&template)?;
            out.extend(of(&template, Some(stack)).into_iter().map(|row| (stack.id.clone(), row)));
        }
        Ok(out)
    })
}

/// Returns the data stores of a template, with the effect of their deletion policies.
pub fn of(template: &Value, stack: Option<&Stack>) -> Vec<Row> {
    let known = |id: &str| stack.and_then(|stack| stack.resources.get(id));
    let resources = template["Resources"].as_object().into_iter().flatten();
    let rows = resources.map(|(id, resource)| {
        let kind = resource["Type"].as_str().unwrap_or_default().to_owned();
        let judged = verdict::deletion(&kind, known(id).is_some_and(|row| row.stateful), resource);
        let construct = known(id).map(|row| row.construct.trim_end_matches("/resource"));
        let name = construct.filter(|name| !name.is_empty()).unwrap_or(id).to_owned();
        Row { verdict: judged.verdict, kind, name, properties: Vec::new(), access: false, fates: judged.data }
    });
    rows.filter(|row| !row.fates.is_empty()).collect()
}

//! Renders results as JSON, as `docs/lose.schema.json` describes.

use meshsynth_reach::loss::{Finding, NOT_MODELLED};
use serde_json::{Value, json};

use super::report::{Report, shown};

/// Renders the results as JSON.
pub fn json(report: &Report) -> Value {
    let asked = &report.asked;
    json!({
        "format_version": 1,
        "platform": report.platform,
        "digest": report.digest,
        "lost": {
            "zones": asked.zones, "regions": asked.regions, "clusters": asked.clusters,
            "node_groups": asked.node_groups, "workloads": asked.workloads, "stores": asked.stores,
        },
        "findings": report.loss.findings.iter().map(finding).collect::<Vec<_>>(),
        "steps": report.loss.steps.iter().map(|it| json!({
            "stage": it.stage.words(), "text": shown(&it.text), "command": shown(&it.command),
        })).collect::<Vec<_>>(),
        "unread": report.unread,
        "not_modelled": NOT_MODELLED,
    })
}

fn finding(of: &Finding) -> Value {
    json!({
        "kind": of.kind.word(),
        "name": shown(&of.name),
        "outcome": of.outcome().word(),
        "causes": of.judgement.causes.iter().map(|it| json!({
            "why": shown(&it.why), "what": it.what, "field": it.field,
            "at": it.at.as_ref().map(|at| json!({ "source": at.source, "construct": at.construct, "file": at.file })),
        })).collect::<Vec<_>>(),
    })
}

//! The API versions that Kubernetes, Istio and cert-manager removed.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::checkout::Checkout;

const TABLE: &str = "versions.yaml";

const GUIDE: &str = "https://kubernetes.io/docs/reference/using-api/deprecation-guide/";

/// The API version and its kinds, which the table omits, according to the deprecation guide.
const OMITTED: (&str, [&str; 4]) = (
    "authorization.k8s.io/v1beta1",
    ["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"],
);

/// The API version that Kubernetes 1.26 removed according to the deprecation guide. The table has 1.29 for one kind.
const CORRECTED: (&str, &str) = ("flowcontrol.apiserver.k8s.io/v1beta1", "v1.26.0");

/// Returns a row for each API version and kind, after a row with the source.
pub fn rows(pluto: &Checkout) -> Result<Vec<Value>> {
    let mut rows = vec![pluto.source(TABLE)];
    let table = pluto.yaml(TABLE)?;
    for row in table["deprecated-versions"].as_array().context("the table of pluto has no rows")? {
        let columns = [
            ("component", "component"),
            ("api", "version"),
            ("kind", "kind"),
            ("deprecated", "deprecated-in"),
            ("removed", "removed-in"),
            ("now", "replacement-api"),
            ("available", "replacement-available-in"),
        ];
        let text = |key: &str| row[key].as_str().filter(|text| !text.is_empty());
        let cells = columns.iter().filter_map(|(column, key)| Some(((*column).to_owned(), text(key)?.into())));
        let mut cells = cells.collect::<Map<_, _>>();
        if cells.get("api").is_some_and(|api| *api == CORRECTED.0) {
            cells.insert("removed".to_owned(), CORRECTED.1.into());
        }
        rows.push(Value::Object(cells));
    }
    rows.push(json!({ "source": GUIDE, "licence": "CC-BY-4.0", "date": pluto.date }));
    let (api, kinds) = OMITTED;
    for kind in kinds {
        rows.push(json!({
            "component": "k8s", "api": api, "kind": kind, "removed": "v1.22.0", "now": "authorization.k8s.io/v1",
        }));
    }
    Ok(rows)
}

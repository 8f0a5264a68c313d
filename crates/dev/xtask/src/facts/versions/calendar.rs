//! The releases of each product: support dates and tested Kubernetes versions.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::checkout::Checkout;

/// A page of endoflife.date, and its columns with the end of standard and of extended support. Pages disagree about the
/// meaning of `eol`: for Lambda, it is the day on which updates of functions are blocked.
const PAGES: [(&str, &str, &str); 20] = [
    ("amazon-eks", "eol", "eoes"),
    ("amazon-linux", "eoas", "eol"),
    ("istio", "eol", ""),
    ("keda", "eol", ""),
    ("karpenter", "eol", ""),
    ("cert-manager", "eol", ""),
    ("argo-cd", "eol", ""),
    ("amazon-rds-postgresql", "eol", "eoes"),
    ("amazon-rds-mysql", "eol", "eoes"),
    ("amazon-rds-mariadb", "eol", ""),
    ("amazon-aurora-postgresql", "eol", "eoes"),
    ("amazon-documentdb", "eol", "eoes"),
    ("amazon-neptune", "eol", ""),
    ("amazon-elasticache-redis", "eol", "eoes"),
    ("amazon-opensearch", "eol", "eoes"),
    ("amazon-msk", "eol", ""),
    ("amazon-mq-activemq", "eol", ""),
    ("amazon-mq-rabbitmq", "eol", ""),
    ("aws-lambda", "eoas", ""),
    ("postgresql", "eol", ""),
];

const MATRIX: &str = "hack/docs/compatibilitymatrix_gen/compatibility.yaml";

/// Returns the rows of all products. A row with `source` precedes the rows of each product.
pub fn rows(endoflife: &Checkout, karpenter: &Checkout) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for (product, standard, extended) in PAGES {
        let path = format!("products/{product}.md");
        let text = endoflife.read(&path)?;
        let front = text.split("\n---").next().unwrap_or_default();
        let page: Value = serde_yaml::from_str_with_options(front, serde_yaml::options! { budget: None })
            .with_context(|| format!("{path} has no front matter"))?;
        let mut source = endoflife.source(&path);
        source["product"] = product.into();
        rows.push(source);
        for release in page["releases"].as_array().context("a page has no releases")? {
            rows.push(row(product, release, standard, extended)?);
        }
    }
    let mut source = karpenter.source(MATRIX);
    source["product"] = "karpenter-kubernetes".into();
    rows.push(source);
    let matrix: Value = serde_yaml::from_str(&quoted(&karpenter.read(MATRIX)?)).context("the matrix is not YAML")?;
    for release in matrix["compatibility"].as_array().context("the matrix of Karpenter has no rows")? {
        let text = |key: &str| text(&release[key]).with_context(|| format!("a row of the matrix has no `{key}`"));
        let row = json!({
            "product": "karpenter-kubernetes",
            "cycle": text("appVersion")?.trim_end_matches(".x"),
            "kubernetes": [text("minK8sVersion")?, text("maxK8sVersion")?],
        });
        if rows.last() != Some(&row) {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Quotes the versions of the matrix, because YAML reads `1.30` as the number 1.3.
fn quoted(text: &str) -> String {
    let line = |line: &str| match line.split_once("K8sVersion: ") {
        Some((key, version)) => format!("{key}K8sVersion: \"{}\"\n", version.trim().trim_matches('"')),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// Returns the row of a release. A date that is not announced is omitted.
fn row(product: &str, release: &Value, standard: &str, extended: &str) -> Result<Value> {
    let mut row = Map::new();
    row.insert("product".to_owned(), product.into());
    let columns = [
        ("cycle", "releaseCycle"),
        ("released", "releaseDate"),
        ("until", standard),
        ("extended", extended),
        ("latest", "latest"),
        ("latest_released", "latestReleaseDate"),
    ];
    for (column, key) in columns {
        match &release[key] {
            Value::Bool(true) => row.insert("ended".to_owned(), true.into()),
            value => text(value).and_then(|text| row.insert(column.to_owned(), text.into())),
        };
    }
    let range =
        ["supportedKubernetesVersions", "supportedKubernetesVersion"].iter().find_map(|key| text(&release[*key]));
    if let Some(range) = range {
        row.insert("kubernetes".to_owned(), kubernetes(&range)?);
    }
    Ok(Value::Object(row))
}

/// Parses a range such as `1.32 - 1.36` or `1.17+`.
fn kubernetes(range: &str) -> Result<Value> {
    if let Some((low, high)) = range.split_once('-') {
        return Ok(json!([low.trim(), high.trim()]));
    }
    match range.strip_suffix('+') {
        Some(low) => Ok(json!([low.trim()])),
        None => bail!("`{range}` is not a range of versions"),
    }
}

/// Returns the text of a scalar. YAML reads unquoted dates as texts. The pages quote all versions.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

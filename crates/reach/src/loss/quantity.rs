//! Kubernetes quantities.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>.

use serde_json::Value;

/// The suffixes and their factors.
const SUFFIXES: [(&str, f64); 12] = [
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("m", 0.001),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("", 1.0),
];

/// Converts a quantity to a number of units; 0 if it is invalid.
fn units(value: &Value) -> f64 {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return 0.0,
    };
    let parse = |(suffix, times): &(&str, f64)| Some(text.strip_suffix(suffix)?.parse::<f64>().ok()? * times);
    SUFFIXES.iter().find_map(parse).filter(|it| it.is_finite() && *it > 0.0).unwrap_or_default()
}

/// Rounds up to an integer within the range.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(value: f64) -> u64 {
    value.ceil().min(1e15) as u64
}

/// Converts a quantity to thousandths of a vCPU.
pub fn millicores(value: &Value) -> u64 {
    whole(units(value) * 1000.0)
}

/// Converts a quantity to MiB.
pub fn mib(value: &Value) -> u64 {
    whole(units(value) / 1_048_576.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{mib, millicores};

    #[test]
    fn parses_kubernetes_quantities() {
        assert_eq!([json!("250m"), json!(1), json!("1.5"), json!("x")].map(|it| millicores(&it)), [250, 1000, 1500, 0]);
        assert_eq!([json!("512Mi"), json!("1Gi"), json!("1G"), json!(-1)].map(|it| mib(&it)), [512, 1024, 954, 0]);
    }
}

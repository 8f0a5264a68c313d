//! Kubernetes quantities, such as `250m` or `1.5Gi`.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>

/// Returns the amount of a quantity, or `None` if the text is not a quantity.
pub(in crate::rules) fn quantity(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let number: f64 = number.parse().ok().filter(|number: &f64| number.is_finite())?;
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024_f64,
        "Mi" => 1024_f64.powi(2),
        "Gi" => 1024_f64.powi(3),
        "Ti" => 1024_f64.powi(4),
        "Pi" => 1024_f64.powi(5),
        "Ei" => 1024_f64.powi(6),
        _ => 10_f64.powi(suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    };
    Some(number * factor)
}

#[cfg(test)]
mod tests {
    use super::quantity;

    #[test]
    fn every_suffix_is_read() {
        let cases = [
            ("250m", 0.25),
            ("1.5Gi", 1_610_612_736.0),
            ("1e3", 1_000.0),
            ("2E", 2e18),
            ("2E3", 2_000.0),
            ("0.25", 0.25),
            ("-1", -1.0),
        ];
        for (text, wanted) in cases {
            assert_eq!(quantity(text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn anything_else_is_not_a_quantity() {
        for text in ["", "m", "1 Gi", "1gb", "1MB", "0.5 cores", "1.2.3"] {
            assert_eq!(quantity(text), None, "{text}");
        }
    }
}

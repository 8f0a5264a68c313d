//! Exact Kubernetes quantities and durations.

/// Whether a field contains a quantity.
pub fn is_quantity(key: &str) -> bool {
    ["cpu", "memory", "storage", "ephemeral-storage", "sizeLimit", "averageValue", "pods"].contains(&key)
}

/// Whether a field contains a duration.
pub fn is_duration(key: &str) -> bool {
    let key = key.to_lowercase();
    ["timeout", "interval", "duration", "period", "window", "delay", "ttl"].iter().any(|word| key.ends_with(word))
}

/// Parses a quantity, in thousandths.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>.
pub fn quantity(text: &str) -> Option<i128> {
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let factor: i128 = match unit {
        "m" => 1,
        "" => 1_000,
        "k" => 1_000_000,
        "M" => 1_000_000_000,
        "G" => 1_000_000_000_000,
        "T" => 1_000_000_000_000_000,
        "Ki" => 1_000 << 10,
        "Mi" => 1_000 << 20,
        "Gi" => 1_000 << 30,
        "Ti" => 1_000 << 40,
        _ => return None,
    };
    scaled(number, factor)
}

/// Parses a duration such as `1m30s`, in microseconds.
pub fn duration(text: &str) -> Option<i128> {
    let mut rest = text;
    let mut sum = 0;
    while !rest.is_empty() {
        let at = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let end = rest[at..].find(|c: char| !c.is_ascii_alphabetic()).map_or(rest.len(), |end| at + end);
        let factor = match &rest[at..end] {
            "ms" => 1_000,
            "s" => 1_000_000,
            "m" => 60_000_000,
            "h" => 3_600_000_000,
            _ => return None,
        };
        sum += scaled(&rest[..at], factor)?;
        rest = &rest[end..];
    }
    (!text.is_empty()).then_some(sum)
}

/// Multiplies a decimal by a factor exactly. Returns `None` if the result is not an integer.
fn scaled(number: &str, factor: i128) -> Option<i128> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits: i128 = format!("{whole}{part}").parse().ok()?;
    let divisor = 10_i128.checked_pow(u32::try_from(part.len()).ok()?)?;
    let product = digits.checked_mul(factor)?;
    (product % divisor == 0).then_some(product / divisor)
}

//! Formats numbers for people.

/// Formats a size, such as `1.5 kB`.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// Formats a number with its noun, such as `2 stacks`.
pub fn count(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_sizes_and_counts() {
        assert_eq!([bytes(999), bytes(1_500), bytes(12_345_678)], ["999 bytes", "1.5 kB", "12.3 MB"]);
        assert_eq!([count(1, "stack"), count(0, "stack")], ["1 stack", "0 stacks"]);
    }
}

//! The availability zones that `Fn::GetAZs` lists.
//!
//! Source: <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html>.

/// Regions whose zone letters do not begin with consecutive letters from `a` in current accounts.
const LETTERS: [(&str, &str); 2] = [("ap-northeast-1", "acd"), ("ca-central-1", "abd")];

/// Returns the zones of a region, in the order of `Fn::GetAZs`. For an unknown region, returns their letters.
pub fn zones(region: &str) -> Vec<String> {
    let letters = LETTERS.iter().find(|(it, _)| *it == region).map_or("abcdef", |(_, letters)| letters);
    letters.chars().map(|letter| format!("{region}{letter}")).collect()
}

/// Returns the region of a zone such as `eu-west-1a`, or `None` if the text is not a zone name.
pub fn region_of(zone: &str) -> Option<&str> {
    let region = zone.strip_suffix(|it: char| it.is_ascii_lowercase())?;
    // Zones in GovCloud and in isolated partitions have one more part.
    (matches!(region.split('-').count(), 3 | 4) && region.ends_with(|it: char| it.is_ascii_digit())).then_some(region)
}

/// Returns the partition of a region.
///
/// Source: <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>.
pub fn partition(region: &str) -> &'static str {
    match region {
        it if it.starts_with("cn-") => "aws-cn",
        it if it.starts_with("us-gov-") => "aws-us-gov",
        it if it.starts_with("us-iso-") => "aws-iso",
        it if it.starts_with("us-isob-") => "aws-iso-b",
        it if it.starts_with("eu-isoe-") => "aws-iso-e",
        it if it.starts_with("us-isof-") => "aws-iso-f",
        it if it.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use super::{region_of, zones};

    #[test]
    fn tokyo_has_no_zone_b() {
        assert_eq!(zones("ap-northeast-1"), ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"]);
        assert_eq!(zones("eu-west-1")[1], "eu-west-1b");
        assert_eq!(region_of("us-gov-west-1a"), Some("us-gov-west-1"));
        assert_eq!((region_of("eu-west-1b"), region_of("eu-west-1"), region_of("b")), (Some("eu-west-1"), None, None));
    }
}

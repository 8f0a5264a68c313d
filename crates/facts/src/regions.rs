//! AWS regions and partitions.
//!
//! Source: <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>

/// The regions of all partitions, as of November 2026.
pub const REGIONS: &str = "\
    af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 \
    ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 \
    cn-north-1 cn-northwest-1 eu-central-1 eu-central-2 eu-isoe-west-1 eu-north-1 eu-south-1 eu-south-2 eu-west-1 \
    eu-west-2 eu-west-3 eusc-de-east-1 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 \
    us-gov-east-1 us-gov-west-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 us-isof-east-1 \
    us-isof-south-1 us-west-1 us-west-2";

/// An AWS partition: a group of regions with separate accounts, ARNs and host names.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    /// The name in ARNs.
    pub name: &'static str,
    /// The suffix of service hosts.
    pub dns_suffix: &'static str,
    /// The suffix of dual-stack service hosts, which also have IPv6 addresses.
    pub dual_stack_suffix: &'static str,
    /// The prefix of region names.
    region: &'static str,
}

const fn partition(
    name: &'static str,
    region: &'static str,
    dns_suffix: &'static str,
    dual_stack_suffix: &'static str,
) -> Partition {
    Partition { name, dns_suffix, dual_stack_suffix, region }
}

/// The partitions. The last partition contains all regions that match no other partition.
///
/// Source: `partitions.json` of botocore 1.43
static PARTITIONS: [Partition; 8] = [
    partition("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    partition("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"),
    partition("aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    partition("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    partition("aws", "", "amazonaws.com", "api.aws"),
];

impl Partition {
    /// Returns the partition of a region.
    pub fn of(region: &str) -> &'static Partition {
        PARTITIONS.iter().find(|it| region.starts_with(it.region)).unwrap_or(&PARTITIONS[7])
    }
}

#[cfg(test)]
mod tests {
    use super::Partition;

    #[test]
    fn finds_partition_of_a_region() {
        let of = |region| (Partition::of(region).name, Partition::of(region).dns_suffix);
        assert_eq!(of("eu-west-1"), ("aws", "amazonaws.com"));
        assert_eq!(of("cn-northwest-1"), ("aws-cn", "amazonaws.com.cn"));
        assert_eq!(of("us-gov-east-1"), ("aws-us-gov", "amazonaws.com"));
        assert_eq!(of("eusc-de-east-1"), ("aws-eusc", "amazonaws.eu"));
        assert_eq!(of("us-isob-west-1").0, "aws-iso-b");
    }
}

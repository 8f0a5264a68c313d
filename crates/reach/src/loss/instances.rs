//! The capacity of EC2 instance types for pods.
//!
//! Source: <https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html>.

/// The capacity of an instance, or the requests of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Thousandths of a vCPU.
    pub millicores: u64,
    /// Memory in MiB.
    pub mib: u64,
}

impl Room {
    /// Multiplies the capacity by a count.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self { millicores: self.millicores * count, mib: self.mib * count }
    }

    /// Returns the sum of both capacities.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { millicores: self.millicores + other.millicores, mib: self.mib + other.mib }
    }

    /// Whether the capacity is sufficient for requests.
    pub fn holds(self, other: Self) -> bool {
        self.millicores >= other.millicores && self.mib >= other.mib
    }

    /// Returns the missing capacity for requests.
    #[must_use]
    pub fn lacks(self, other: Self) -> Self {
        Self { millicores: other.millicores.saturating_sub(self.millicores), mib: other.mib.saturating_sub(self.mib) }
    }

    /// Describes the capacity, such as `3.5 vCPU and 7.5 GiB`.
    pub fn words(self) -> String {
        let tenths = |value: u64, unit: u64| {
            let tenths = (value * 10 + unit / 2) / unit;
            if tenths.is_multiple_of(10) {
                (tenths / 10).to_string()
            } else {
                format!("{}.{}", tenths / 10, tenths % 10)
            }
        };
        format!("{} vCPU and {} GiB", tenths(self.millicores, 1000), tenths(self.mib, 1024))
    }
}

/// The memory in GiB per vCPU, for families with the same ratio in every size.
const FAMILIES: [(&str, u64); 4] = [("c", 2), ("m", 4), ("r", 8), ("i", 8)];

/// Families with a letter after the generation that changes the memory.
const OTHERWISE: [&str; 3] = ["c5n", "i3en", "i4g"];

/// Returns the allocatable capacity of a type, without the reservation of the EKS kubelet. Returns `None` if the name
/// does not determine it.
///
/// Source: <https://awslabs.github.io/amazon-eks-ami/nodeadm/>.
pub fn allocatable(type_name: &str) -> Option<Room> {
    let room = room(type_name)?;
    let cores = room.millicores / 1000;
    // Reserves 6 % of the first vCPU, 1 % of the second, 0.5 % of the next two, and 0.25 % of each further vCPU. The
    // unit here is a tenth of a millicore.
    let kept =
        600 + cores.min(2).saturating_sub(1) * 100 + cores.min(4).saturating_sub(2) * 50 + cores.saturating_sub(4) * 25;
    // Reserves 11 MiB for each pod that the addresses of the type allow, 255 MiB, and 100 MiB that stay free.
    let pods = match cores {
        0..=1 => 8,
        2 => 29,
        3..=8 => 58,
        _ => 234,
    };
    Some(Room {
        millicores: room.millicores.saturating_sub(kept.div_ceil(10)),
        mib: room.mib.saturating_sub(355 + 11 * pods),
    })
}

/// Returns the total capacity of a type, or `None` if its name does not determine it.
fn room(type_name: &str) -> Option<Room> {
    let (family, size) = type_name.split_once('.')?;
    let letters: String = family.chars().take_while(char::is_ascii_alphabetic).collect();
    let generation: u64 =
        family.chars().skip(letters.len()).take_while(char::is_ascii_digit).collect::<String>().parse().ok()?;
    if letters == "t" && generation >= 3 {
        let (vcpus, gib) = match size {
            "small" => (2, 2),
            "medium" => (2, 4),
            "large" => (2, 8),
            "xlarge" => (4, 16),
            "2xlarge" => (8, 32),
            _ => return None,
        };
        return Some(Room { millicores: vcpus * 1000, mib: gib * 1024 });
    }
    if generation < 5 && letters != "i" || OTHERWISE.contains(&family) {
        return None;
    }
    let gib = FAMILIES.iter().find(|(name, _)| *name == letters)?.1;
    let vcpus = match size {
        "medium" => 1,
        "large" => 2,
        "xlarge" => 4,
        _ => 4 * size.strip_suffix("xlarge")?.parse::<u64>().ok()?,
    };
    Some(Room { millicores: vcpus * 1000, mib: vcpus * gib * 1024 })
}

#[cfg(test)]
mod tests {
    use super::{Room, allocatable, room};

    #[test]
    fn derives_capacity_from_names() {
        let of = |name: &str| room(name).map(|it| (it.millicores / 1000, it.mib / 1024));
        assert_eq!(of("m7g.large"), Some((2, 8)));
        assert_eq!(of("c7g.xlarge"), Some((4, 8)));
        assert_eq!(of("c5.9xlarge"), Some((36, 72)));
        assert_eq!(of("r6i.16xlarge"), Some((64, 512)));
        assert_eq!(of("t4g.medium"), Some((2, 4)));
        assert_eq!(of("c5n.large"), None);
        assert_eq!(of("m7i.metal-24xl"), None);
        assert_eq!(of("p5.48xlarge"), None);
        assert_eq!(of("large"), None);
    }

    #[test]
    fn subtracts_kubelet_reservation() {
        assert_eq!(allocatable("m7g.large"), Some(Room { millicores: 1930, mib: 8192 - 674 }));
        assert_eq!(allocatable("m7g.2xlarge"), Some(Room { millicores: 7910, mib: 32768 - 993 }));
    }
}

//! Amazon EC2 instance types: the families and their processors.
//!
//! Source: the list of instance types by region in cfn-lint 1.58. cfn-lint derives the list from the price list of AWS.

/// The processor architecture of an instance type. Container images must be built for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// Graviton.
    Arm,
    /// Intel and AMD.
    X86,
}

impl Architecture {
    /// Returns the Kubernetes name of the architecture.
    pub fn word(self) -> &'static str {
        match self {
            Architecture::Arm => "arm64",
            Architecture::X86 => "amd64",
        }
    }
}

/// Returns the architecture of an instance type such as `m7g.large`.
///
/// A `g` after the generation number means Graviton, as in `m7gd` and `c8gn`. A `g` before the number does not, as in
/// `g5` and `gr6`. `a1` predates this naming scheme.
pub fn architecture(instance_type: &str) -> Architecture {
    let family = instance_type.split(['.', '-']).next().unwrap_or_default();
    let options =
        family.trim_start_matches(|c: char| c.is_ascii_lowercase()).trim_start_matches(|c: char| c.is_ascii_digit());
    match family == "a1" || options.contains('g') {
        true => Architecture::Arm,
        false => Architecture::X86,
    }
}

/// A device that containers request by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// `nvidia.com/gpu`.
    NvidiaGpu,
    /// `amd.com/gpu`.
    AmdGpu,
    /// `aws.amazon.com/neuron`: Inferentia and Trainium.
    Neuron,
}

impl Device {
    /// Returns the device for a resource name of a container.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "nvidia.com/gpu" => Some(Device::NvidiaGpu),
            "amd.com/gpu" => Some(Device::AmdGpu),
            "aws.amazon.com/neuron" | "aws.amazon.com/neuroncore" | "aws.amazon.com/neurondevice" => {
                Some(Device::Neuron)
            }
            _ => None,
        }
    }
}

/// Returns the device of an instance type such as `g5.xlarge`.
///
/// Source: <https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html>
pub fn device(instance_type: &str) -> Option<Device> {
    let family = instance_type.split(['.', '-']).next().unwrap_or_default();
    let letters = family.trim_end_matches(|c: char| c.is_ascii_lowercase());
    match letters.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "g" if family == "g4ad" => Some(Device::AmdGpu),
        "g" | "gr" | "p" => Some(Device::NvidiaGpu),
        "inf" | "trn" => Some(Device::Neuron),
        _ => None,
    }
}

/// Whether the family of an instance type exists.
pub fn is_known(instance_type: &str) -> bool {
    let Some((family, size)) = instance_type.split_once('.') else { return false };
    !size.is_empty() && FAMILIES.split(' ').any(|known| known == family)
}

/// Every family that is available in at least one region.
const FAMILIES: &str = "\
    a1 c1 c3 c4 c5 c5a c5ad c5d c5n c6a c6g c6gd c6gn c6i c6id c6in c7a c7g c7gd c7gn c7i c7i-flex c8a c8g c8gb c8gd \
    c8gn c8i c8i-flex c8ib c8id c8in c8ine c9g c9gd cc2 cr1 d2 d3 d3en dl1 dl2q f1 f2 g2 g3 g3s g4ad g4dn g5 g5g g6 \
    g6e g6f g7 g7e gr6 gr6f h1 hpc6a hpc6id hpc7a hpc7g hpc8a hs1 i2 i3 i3en i3p i4g i4i i7i i7ie i8g i8ge im4gn \
    inf1 inf2 is4gen m1 m2 m3 m4 m5 m5a m5ad m5d m5dn m5n m5zn m6a m6g m6gd m6i m6id m6idn m6in m7a m7g m7gd m7i \
    m7i-flex m8a m8azn m8g m8gb m8gd m8gn m8i m8i-flex m8ib m8id m8idb m8idn m8in m8ine m9g m9gd mac-m3ultra mac-m4 \
    mac-m4max mac-m4pro mac1 mac2 mac2-m1ultra mac2-m2 mac2-m2pro p2 p3 p3dn p4d p4de p5 p5e p5en p6-b200 p6-b300 r3 \
    r4 r5 r5a r5ad r5b r5d r5dn r5n r6a r6g r6gd r6i r6id r6idn r6in r7a r7g r7gd r7i r7iz r8a r8g r8gb r8gd r8gn \
    r8i r8i-flex r8ib r8id r8idb r8idn r8in r9g r9gd t1 t2 t3 t3a t4g t8i trn1 trn1n trn2 u-12tb1 u-18tb1 u-24tb1 \
    u-3tb1 u-6tb1 u-9tb1 u7i-12tb u7i-6tb u7i-8tb u7in-16tb u7in-24tb u7in-32tb vt1 x1 x1e x2gd x2idn x2iedn x2iezn \
    x8aedz x8g x8i z1d";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_graviton_by_g_after_the_generation() {
        for arm in ["a1.large", "t4g.medium", "m7gd.large", "c8gn.large", "im4gn.large", "is4gen.large", "g5g.xlarge"] {
            assert_eq!(architecture(arm), Architecture::Arm, "{arm}");
        }
        for x86 in ["m7i.large", "m7i-flex.large", "g5.xlarge", "g4dn.xlarge", "gr6.4xlarge", "p6-b200.48xlarge"] {
            assert_eq!(architecture(x86), Architecture::X86, "{x86}");
        }
    }

    #[test]
    fn matches_whole_family_names() {
        assert!(is_known("m7i.large") && is_known("i8ge.large") && is_known("z1d.large"));
        assert!(!is_known("m7.large") && !is_known("m7i") && !is_known("m77i.large"));
    }
}

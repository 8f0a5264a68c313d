//! The requirements for instances of a pool.

use crate::kube::karpenter::node_pool::{self as l1, RequirementOperator};

/// A CPU architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arch {
    /// Intel and AMD.
    Amd64,
    /// Graviton.
    Arm64,
}

impl Arch {
    fn word(self) -> &'static str {
        match self {
            Arch::Amd64 => "amd64",
            Arch::Arm64 => "arm64",
        }
    }
}

/// The capacity type of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// On-demand capacity.
    OnDemand,
    /// Spot capacity, which is cheaper and may stop at two minutes' notice.
    Spot,
    /// Capacity of a reservation.
    Reserved,
}

impl Lifecycle {
    fn word(self) -> &'static str {
        match self {
            Lifecycle::OnDemand => "on-demand",
            Lifecycle::Spot => "spot",
            Lifecycle::Reserved => "reserved",
        }
    }
}

/// A label of a pool's instances, and its allowed values.
///
/// Source: <https://karpenter.sh/docs/concepts/scheduling/#well-known-labels>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    key: String,
    operator: RequirementOperator,
    values: Vec<String>,
}

impl Requirement {
    /// Requires one of these values.
    pub fn is_one_of<V: Into<String>>(key: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self {
            key: key.into(),
            operator: RequirementOperator::In,
            values: values.into_iter().map(Into::into).collect(),
        }
    }

    /// Excludes these values.
    pub fn is_none_of<V: Into<String>>(key: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self {
            key: key.into(),
            operator: RequirementOperator::NotIn,
            values: values.into_iter().map(Into::into).collect(),
        }
    }

    /// Requires a value above this number.
    pub fn is_above(key: impl Into<String>, number: u32) -> Self {
        Self { key: key.into(), operator: RequirementOperator::Gt, values: vec![number.to_string()] }
    }

    /// Requires a value below this number.
    pub fn is_below(key: impl Into<String>, number: u32) -> Self {
        Self { key: key.into(), operator: RequirementOperator::Lt, values: vec![number.to_string()] }
    }

    /// Requires one of these architectures.
    pub(super) fn architectures(of: &[Arch]) -> Self {
        Self::is_one_of("kubernetes.io/arch", of.iter().map(|it| it.word()))
    }

    /// Requires one of these capacity types.
    pub(super) fn lifecycles(of: &[Lifecycle]) -> Self {
        Self::is_one_of("karpenter.sh/capacity-type", of.iter().map(|it| it.word()))
    }

    pub(super) fn to_l1(&self) -> l1::Requirement {
        l1::Requirement::new(self.key.clone(), self.operator.clone()).values(self.values.clone())
    }
}

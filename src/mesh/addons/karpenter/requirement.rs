//! What an instance must be, to be a node of a pool.

use crate::kube::karpenter::node_pool::{self as l1, RequirementOperator};

/// The architecture of a processor.
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

/// How an instance is bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// By the hour.
    OnDemand,
    /// Cheaper, and it may go at two minutes' notice.
    Spot,
    /// From a capacity reservation.
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

/// A label that instances of a pool have, and which values are taken.
///
/// Source: <https://karpenter.sh/docs/concepts/scheduling/#well-known-labels>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    key: String,
    operator: RequirementOperator,
    values: Vec<String>,
}

impl Requirement {
    /// One of these values.
    pub fn is_one_of<V: Into<String>>(key: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self {
            key: key.into(),
            operator: RequirementOperator::In,
            values: values.into_iter().map(Into::into).collect(),
        }
    }

    /// None of these values.
    pub fn is_none_of<V: Into<String>>(key: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self {
            key: key.into(),
            operator: RequirementOperator::NotIn,
            values: values.into_iter().map(Into::into).collect(),
        }
    }

    /// A number above this one.
    pub fn is_above(key: impl Into<String>, number: u32) -> Self {
        Self { key: key.into(), operator: RequirementOperator::Gt, values: vec![number.to_string()] }
    }

    /// A number below this one.
    pub fn is_below(key: impl Into<String>, number: u32) -> Self {
        Self { key: key.into(), operator: RequirementOperator::Lt, values: vec![number.to_string()] }
    }

    /// One of these architectures.
    pub(super) fn architectures(of: &[Arch]) -> Self {
        Self::is_one_of("kubernetes.io/arch", of.iter().map(|it| it.word()))
    }

    /// Bought in one of these ways.
    pub(super) fn lifecycles(of: &[Lifecycle]) -> Self {
        Self::is_one_of("karpenter.sh/capacity-type", of.iter().map(|it| it.word()))
    }

    pub(super) fn to_l1(&self) -> l1::Requirement {
        l1::Requirement::new(self.key.clone(), self.operator.clone()).values(self.values.clone())
    }
}

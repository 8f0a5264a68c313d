//! How much a table can read and write.

use crate::cfn::dynamodb::global_table as shape;

/// How a table is paid for, and what limits it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Capacity {
    /// By request, without a limit of its own.
    #[default]
    OnDemand,
    /// By the hour, for units that follow the load; its indexes get the same.
    Provisioned {
        /// Reads per second.
        read: Scaling,
        /// Writes per second.
        write: Scaling,
    },
}

/// Units that follow the load by target tracking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// The least.
    pub min: u32,
    /// The most.
    pub max: u32,
    /// The share of the units, in percent from 20 to 90, that is aimed at.
    pub target_percent: u8,
}

impl Scaling {
    /// Between two numbers of units, of which seven tenths are used.
    pub const fn between(min: u32, max: u32) -> Self {
        Self { min, max, target_percent: 70 }
    }

    fn shape(self) -> shape::CapacityAutoScalingSettings {
        let target = shape::TargetTrackingScalingPolicyConfiguration::new(f64::from(self.target_percent));
        shape::CapacityAutoScalingSettings::new(self.max, self.min, target).seed_capacity(self.min)
    }
}

impl Capacity {
    pub(super) fn mode(self) -> shape::BillingMode {
        match self {
            Self::OnDemand => shape::BillingMode::PayPerRequest,
            Self::Provisioned { .. } => shape::BillingMode::Provisioned,
        }
    }

    pub(super) fn reads(self) -> Option<shape::ReadProvisionedThroughputSettings> {
        let Self::Provisioned { read, .. } = self else { return None };
        Some(shape::ReadProvisionedThroughputSettings::new().read_capacity_auto_scaling_settings(read.shape()))
    }

    pub(super) fn writes(self) -> Option<shape::WriteProvisionedThroughputSettings> {
        let Self::Provisioned { write, .. } = self else { return None };
        Some(shape::WriteProvisionedThroughputSettings::new().write_capacity_auto_scaling_settings(write.shape()))
    }
}

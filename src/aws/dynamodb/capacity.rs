//! Table capacity.

use crate::cfn::dynamodb::global_table as shape;

/// The billing mode and the throughput limits of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Capacity {
    /// Billing by request, without a configured limit.
    #[default]
    OnDemand,
    /// Billing by the hour, for capacity units that are scaled with the load. The indexes have the same capacity as the
    /// table.
    Provisioned {
        /// The read capacity units.
        read: Scaling,
        /// The write capacity units.
        write: Scaling,
    },
}

/// The limits of automatic scaling by target tracking, in capacity units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// The minimum number of capacity units.
    pub min: u32,
    /// The maximum number of capacity units.
    pub max: u32,
    /// The target utilization in percent, from 20 to 90.
    pub target_percent: u8,
}

impl Scaling {
    /// Scales between a minimum and a maximum number of units, with a target utilization of 70 %.
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

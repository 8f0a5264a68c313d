//! Bare alarms, each defined from a typed resource.

use super::Alarm;
use crate::Resource;
use crate::cfn::cloudwatch;
use crate::tree::Construct;

impl Alarm {
    /// Defines a bare alarm. It can notify topics like every alarm.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, cloudwatch};
    /// # use meshsynth::cfn::cloudwatch::alarm::ComparisonOperator;
    /// # let app = App::new("shop");
    /// # let watch = Stack::new(&app, "watch", Env::region("eu-west-1"));
    /// let unpaid = cfn::cloudwatch::Alarm::new()
    ///     .comparison_operator(ComparisonOperator::GreaterThanThreshold)
    ///     .evaluation_periods(1)
    ///     .namespace("Shop")
    ///     .metric_name("UnpaidOrders")
    ///     .threshold(100);
    /// cloudwatch::Alarm::bare(&watch, "unpaid", unpaid).resource().logical_id("Unpaid");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, alarm: cloudwatch::Alarm) -> Self {
        let scope = scope.scope().construct(id);
        let alarm = alarm.define(&scope, "resource");
        Self::of_resource(scope, alarm)
    }

    /// Returns the resource of the alarm, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<cloudwatch::Alarm> {
        Resource::of(self, "resource")
    }
}

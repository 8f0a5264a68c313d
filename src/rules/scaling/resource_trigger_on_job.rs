//! A `ScaledJob` is scaled by the CPU or memory of its jobs.
//!
//! A `ScaledJob` makes jobs for what waits. While nothing waits there is no pod
//! whose use could be measured, so there never is one; KEDA refuses such a trigger.
//!
//! Scale jobs by what waits: a queue, a topic, a list, a query, a schedule.
//!
//! Source: <https://keda.sh/docs/2.20/concepts/scaling-jobs/>

#[cfg(test)]
mod tests {
    use crate::mesh::addons::Keda;
    use crate::mesh::{ScaledJob, Trigger};
    use crate::testing::{codes, namespace};
    use crate::units::Percent;

    fn job(trigger: Trigger) -> Vec<&'static str> {
        codes(|app| {
            let shop = namespace(app);
            let keda = Keda::new(shop.cluster(), "keda", shop.cluster());
            let triggers = [trigger.clone()];
            ScaledJob::new(&shop, "cutter", "registry.example/cutter:1.0.0", &keda, triggers, Default::default());
        })
    }

    #[test]
    fn a_job_by_processor_is_an_error() {
        assert_eq!(job(Trigger::cpu(Percent(70))), ["MS0953"]);
    }

    #[test]
    fn a_job_by_schedule_is_fine() {
        assert_eq!(job(Trigger::cron("UTC", "0 2 * * *", "0 4 * * *", 3)), [""; 0]);
    }
}

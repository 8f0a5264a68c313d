//! A `ScaledJob` is scaled by the CPU or memory of its jobs.
//!
//! # What it reports
//!
//! A trigger of a `ScaledJob` measures the utilization of CPU or memory.
//!
//! # Why it matters
//!
//! A `ScaledJob` creates jobs for pending work. Without pending work there are no pods whose usage could be measured,
//! so no job is ever created. KEDA rejects such a trigger.
//!
//! # Fix
//!
//! Scale jobs by pending work: a queue, a topic, a list, a query or a schedule.
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
    fn reports_a_cpu_trigger() {
        assert_eq!(job(Trigger::cpu(Percent(70))), ["MS0953"]);
    }

    #[test]
    fn accepts_a_schedule() {
        assert_eq!(job(Trigger::cron("UTC", "0 2 * * *", "0 4 * * *", 3)), [""; 0]);
    }
}

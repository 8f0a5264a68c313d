//! The pods of a workload have a restart policy that its kind does not support.
//!
//! # What it reports
//!
//! Pods of a `Deployment`, `ReplicaSet`, `ReplicationController`, `StatefulSet` or `DaemonSet` support only `Always`.
//! Pods of a `Job` or `CronJob` support `OnFailure` and `Never`. The default is `Always`.
//!
//! # Why it matters
//!
//! The API server rejects the object.
//!
//! # Fix
//!
//! Remove `restartPolicy` from workloads that run forever, and set it to `OnFailure` or `Never` for jobs.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-template>

use crate::facts::{self, Runs};
use crate::diag::Diagnostic;
use crate::rules::index::pods::{self, called};
use crate::synth::{Link, Model};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for pods in pods::all(model) {
        let supported: &[&str] = match facts::kind(&pods.object.kind).runs {
            Some(Runs::Permanently) => &["Always"],
            Some(Runs::ToCompletion) => &["OnFailure", "Never"],
            Some(Runs::Once) | None => continue,
        };
        let given = pods.spec.get("restartPolicy");
        let policy = match given {
            Some(given) => given.as_str(),
            None => Some("Always"),
        };
        let Some(policy) = policy.filter(|policy| !supported.contains(policy)) else { continue };
        let said = if given.is_some() { "" } else { ", which is the default" };
        let wanted = supported.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(" or ");
        let message = format!("{} has the restart policy `{policy}`{said}, but its kind supports only {wanted}", called(pods.object));
        out.push(
            model
                .error(pods.id, "MS0424", message)
                .field(pods.field("spec.restartPolicy"))
                .help(format!("set `restartPolicy` to {wanted}")),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn object(kind: &str, api_version: &str, policy: &str) -> String {
        let selector = if kind == "Job" { "" } else { "  selector: { matchLabels: { app: a } }\n" };
        format!(
            "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{ name: a }}\nspec:\n{selector}  template:\n    metadata: {{ labels: {{ app: a }} }}\n\
             \x20   spec: {{ {policy} containers: [{{ name: a, image: 'a:1.0' }}] }}\n"
        )
    }

    #[test]
    fn reports_a_deployment_whose_pods_do_not_restart() {
        assert_eq!(open(&object("Deployment", "apps/v1", "restartPolicy: Never,")), ["MS0424"]);
    }

    #[test]
    fn reports_a_job_whose_pods_always_restart() {
        assert_eq!(open(&object("Job", "batch/v1", "")), ["MS0424"]);
        assert_eq!(open(&object("Job", "batch/v1", "restartPolicy: Always,")), ["MS0424"]);
    }

    #[test]
    fn accepts_supported_policies() {
        assert_eq!(open(&object("Deployment", "apps/v1", "")), [""; 0]);
        assert_eq!(open(&object("Job", "batch/v1", "restartPolicy: OnFailure,")), [""; 0]);
    }
}

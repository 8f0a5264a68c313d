//! A trigger uses an authentication object or an AWS role that is not defined.
//!
//! # What it reports
//!
//! The rule reports:
//!
//! - a `TriggerAuthentication` that is not defined in its namespace, if the namespace is completely known
//! - `identityOwner: workload` for a workload whose service account has no annotation `eks.amazonaws.com/role-arn`
//! - both `roleArn` and `identityOwner`, which exclude each other
//!
//! # Why it matters
//!
//! With `identityOwner: workload`, KEDA reads the annotation of the workload's service account and assumes that role.
//! EKS Pod Identity does not set the annotation, so KEDA finds no role. The trigger never becomes ready.
//!
//! # Fix
//!
//! Add the role annotation to the service account (IRSA) and allow KEDA's role in its trust policy. Alternatively, use
//! the identity of KEDA (`identityOwner: keda`).
//!
//! Source: <https://keda.sh/docs/latest/authentication-providers/aws/>

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{CORE, Item, Mesh, Presence, annotation, items};
use crate::rules::index::pods::called;

const ROLE: &str = "eks.amazonaws.com/role-arn";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for kind in ["ClusterTriggerAuthentication", "TriggerAuthentication"] {
        for authentication in mesh.all("keda.sh", kind) {
            let has = |key: &str| authentication.object.body.at(&format!("spec.podIdentity.{key}")).is_some();
            if has("roleArn") && has("identityOwner") {
                let message = format!("{} sets both `roleArn` and `identityOwner`; only one is allowed", called(authentication.object));
                out.push(
                    mesh.model
                        .error(authentication.id, "MS0906", message)
                        .field("spec.podIdentity.roleArn")
                        .help("remove one of the two: `roleArn` sets the role that KEDA assumes, `identityOwner` the identity that it uses"),
                );
            }
        }
    }
    for scaler in mesh.all("keda.sh", "ScaledObject") {
        for (path, trigger) in items(scaler.object.body.at("spec.triggers"), "spec.triggers") {
            let Some(name) = trigger.at("authenticationRef.name").and_then(Data::as_str) else { continue };
            let is_wide = trigger.at("authenticationRef.kind").and_then(Data::as_str) == Some("ClusterTriggerAuthentication");
            let kind = if is_wide { "ClusterTriggerAuthentication" } else { "TriggerAuthentication" };
            let place = if kind == "ClusterTriggerAuthentication" { (scaler.place.0, "") } else { scaler.place };
            match mesh.find("keda.sh", kind, place, name) {
                Some(authentication) => of_workload(mesh, scaler, &authentication, out),
                None if mesh.has("keda.sh", kind, scaler.place, name) == Presence::Missing && !place.1.is_empty() => {
                    let message = format!("{} refers to {kind} `{name}`, which is not defined", called(scaler.object));
                    let define = || format!("define it in namespace `{}`, or correct the name", scaler.place.1);
                    out.push(
                        mesh.model
                            .error(scaler.id, "MS0906", message)
                            .field(format!("{path}.authenticationRef.name"))
                            .help(mesh.near("keda.sh", kind, place, name).unwrap_or_else(define)),
                    );
                }
                None => {}
            }
        }
    }
}

fn of_workload<'a>(mesh: &Mesh<'a>, scaler: &Item<'a>, authentication: &Item<'a>, out: &mut Vec<Diagnostic>) {
    let text = |path: &str| authentication.object.body.at(path).and_then(Data::as_str);
    if text("spec.podIdentity.provider") != Some("aws") || text("spec.podIdentity.identityOwner") != Some("workload") {
        return;
    }
    let target = |key: &str| scaler.object.body.at(&format!("spec.scaleTargetRef.{key}")).and_then(Data::as_str);
    let Some(name) = target("name") else { return };
    let Some(pods) = mesh.pods.named(scaler.place, target("kind").unwrap_or("Deployment"), name) else { return };
    let account = pods.spec.get("serviceAccountName").and_then(Data::as_str).unwrap_or("default");
    let found = mesh.find(CORE, "ServiceAccount", scaler.place, account);
    let has_role = found.is_some_and(|it| {
        let deferred = it.object.body.at("metadata.annotations").and_then(Data::as_map).and_then(|it| it.get(ROLE));
        deferred.is_some() || annotation(&it.object.body, ROLE).is_some()
    });
    let is_unknown = found.is_none() && mesh.has(CORE, "ServiceAccount", scaler.place, account) == Presence::Unknown;
    if has_role || is_unknown {
        return;
    }
    let message = format!("{} uses the service account `{account}`, which has no role", called(scaler.object));
    out.push(
        mesh.model
            .error(scaler.id, "MS0906", message)
            .field("spec.scaleTargetRef")
            .note_at(format!("{} uses the identity of the workload", called(authentication.object)), mesh.model.node(authentication.id).at)
            .help(format!("annotate the service account with `{ROLE}`, or set `identityOwner: keda`")),
    );
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_orders};

    fn text(account: &str, identity: &str, reference: &str) -> String {
        with_orders(&format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{ name: default{account} }}\n\
             ---\napiVersion: keda.sh/v1alpha1\nkind: TriggerAuthentication\nmetadata: {{ name: aws }}\n\
             spec: {{ podIdentity: {{ provider: aws{identity} }} }}\n\
             ---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{ name: orders }}\n\
             spec: {{ scaleTargetRef: {{ name: orders-v1 }}, triggers: [{{ type: aws-sqs-queue, authenticationRef: {{ name: {reference} }}, \
             metadata: {{ queueURL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/orders', queueLength: '5', awsRegion: eu-west-1 }} }}] }}\n"
        ))
    }

    const ROLE: &str = ", annotations: { eks.amazonaws.com/role-arn: 'arn:aws:iam::111122223333:role/orders' }";

    #[test]
    fn reports_a_workload_identity_without_a_role() {
        assert_eq!(open(&text("", ", identityOwner: workload", "aws")), ["MS0906"]);
        assert_eq!(open(&text(ROLE, ", identityOwner: workload", "aws")), [""; 0]);
        assert_eq!(open(&text("", ", identityOwner: keda", "aws")), [""; 0]);
    }

    #[test]
    fn reports_a_missing_authentication() {
        assert_eq!(open(&text("", "", "azure")), ["MS0906"]);
    }

    #[test]
    fn reports_two_identities() {
        let both = ", identityOwner: keda, roleArn: 'arn:aws:iam::111122223333:role/orders'";
        assert_eq!(open(&text("", both, "aws")), ["MS0906"]);
    }
}

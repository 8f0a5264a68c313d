//! Pods of an ambient mesh use security groups for pods in strict mode.
//!
//! # What it reports
//!
//! A `SecurityGroupPolicy` is in a namespace with `istio.io/dataplane-mode: ambient`, and the VPC CNI of the input does
//! not set the mode `standard`.
//!
//! # Why it matters
//!
//! Probes of the kubelet reach pods of an ambient mesh from a link-local address. With
//! `POD_SECURITY_GROUP_ENFORCING_MODE=strict`, the default, the VPC CNI drops such packets. Probes fail, and pods never
//! become ready.
//!
//! # Fix
//!
//! Set `POD_SECURITY_GROUP_ENFORCING_MODE` to `standard` in the environment of the add-on `vpc-cni` (or the DaemonSet
//! `aws-node`).
//!
//! Source: <https://istio.io/latest/docs/ambient/install/platform-prerequisites/#amazon-elastic-kubernetes-service-eks>

use crate::diag::Diagnostic;
use crate::synth::Model;
use crate::val::{Data, Deferred, Part};
use crate::rules::index::{Mesh, label};
use crate::rules::index::pods::{Pods, called};

const MODE: &str = "POD_SECURITY_GROUP_ENFORCING_MODE";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for policy in mesh.all("vpcresources.k8s.aws", "SecurityGroupPolicy") {
        let namespace = mesh.namespace(policy.place);
        let is_ambient = namespace.is_some_and(|it| label(&it.object.body, "istio.io/dataplane-mode") == Some("ambient"));
        let Some(false) = is_ambient.then(|| is_standard(mesh)).flatten() else { continue };
        let message = format!("{} selects pods of the ambient mesh, but the strict mode of the VPC CNI drops their probes", called(policy.object));
        out.push(
            mesh.model
                .error(policy.id, "MS0821", message)
                .help(format!("set `{MODE}` to `standard` in the environment of the VPC CNI")),
        );
    }
}

/// Whether the VPC CNI uses the mode `standard`. Returns `None` if the input does not contain the VPC CNI.
fn is_standard(mesh: &Mesh<'_>) -> Option<bool> {
    let of_daemon = mesh.pods.all().find(|pods| pods.object.name == "aws-node").map(of_pods);
    of_daemon.or_else(|| of_add_on(mesh.model))
}

fn of_pods(pods: &Pods<'_>) -> bool {
    let variables = pods.containers().filter_map(|it| it.get("env")).flat_map(Data::items);
    let text = |data: &Data, key: &str| data.at(key).map(Data::to_text);
    variables.into_iter().any(|it| text(it, "name").as_deref() == Some(MODE) && text(it, "value").as_deref() == Some("standard"))
}

fn of_add_on(model: &Model) -> Option<bool> {
    let mut add_ons = model.of_type("AWS::EKS::Addon");
    let (_, add_on) = add_ons.find(|(_, it)| it.props.get("AddonName").and_then(Data::as_str) == Some("vpc-cni"))?;
    let values = match add_on.props.get("ConfigurationValues") {
        Some(Data::Text(text)) => text.to_string(),
        Some(Data::Deferred(deferred)) => match deferred.as_ref() {
            Deferred::Text(parts) | Deferred::Doc(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Text(text) => Some(text.as_ref()),
                    Part::Value(_) => None,
                })
                .collect(),
            _ => String::new(),
        },
        _ => String::new(),
    };
    let after = values.split_once(MODE).map(|(_, after)| after).unwrap_or_default();
    Some(after.trim_start_matches(['"', ':', ' ']).starts_with("standard"))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn text(mode: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: shop, labels: {{ istio.io/dataplane-mode: ambient }} }}\n\
             ---\napiVersion: vpcresources.k8s.aws/v1beta1\nkind: SecurityGroupPolicy\nmetadata: {{ name: orders, namespace: shop }}\n\
             spec: {{ podSelector: {{ matchLabels: {{ app: orders }} }}, securityGroups: {{ groupIds: [sg-1] }} }}\n\
             ---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{ name: aws-node, namespace: kube-system }}\n\
             spec:\n  selector: {{ matchLabels: {{ k8s-app: aws-node }} }}\n  template:\n    metadata: {{ labels: {{ k8s-app: aws-node }} }}\n    \
             spec: {{ containers: [{{ name: aws-node, image: 'cni:1.20.0', env: [{{ name: POD_SECURITY_GROUP_ENFORCING_MODE, value: {mode} }}] }}] }}\n"
        )
    }

    #[test]
    fn reports_strict_security_group_mode_in_an_ambient_mesh() {
        assert_eq!(open(&text("strict")), ["MS0821"]);
        assert_eq!(open(&text("standard")), [""; 0]);
    }
}

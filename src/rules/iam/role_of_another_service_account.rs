//! A service account is bound to a role that trusts another service account.
//!
//! # What it reports
//!
//! The rule checks roles of the program in two cases:
//!
//! - The annotation `eks.amazonaws.com/role-arn` names a role whose trust policy allows another namespace, name or
//!   cluster.
//! - The role of a Pod Identity association does not trust `pods.eks.amazonaws.com`, or its trust policy is for another
//!   namespace or service account.
//!
//! Trust policies with a wildcard or an intrinsic function are not reported.
//!
//! # Why it matters
//!
//! STS rejects the token: pods start and then fail with `AccessDenied`. The usual cause is a renamed namespace or
//! service account, or a copied role.
//!
//! # Fix
//!
//! Define a separate role for the service account with `eks::Cluster::service_account_role`, for the same namespace,
//! name and cluster.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>

use serde_json::Value;

use crate::diag::Diagnostic;
use crate::node::{Object, Resource};
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::Data;
use crate::rules::index::policies::{Document, Subject, is_about, is_deferred, subjects, texts};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, account) in model.of_kind("ServiceAccount") {
        annotated(model, id, account, out);
    }
    for (id, association) in model.of_type("AWS::EKS::PodIdentityAssociation") {
        associated(model, id, association, out);
    }
}

/// Checks IRSA: the annotation names the role, and its trust policy names the service account.
fn annotated(model: &Model, id: NodeId, account: &Object, out: &mut Vec<Diagnostic>) {
    let annotations = account.body.at("metadata.annotations").and_then(Data::as_map);
    let Some(arn) = annotations.and_then(|it| it.get("eks.amazonaws.com/role-arn")) else { return };
    let Some((role_id, role)) = role_of(model, arn) else { return };
    let Some(trust) = role.props.get("AssumeRolePolicyDocument") else { return };
    let document = Document::read(trust);
    let namespace = account.namespace.as_deref().unwrap_or_default();
    let wanted = format!("system:serviceaccount:{namespace}:{}", account.name);
    let trusted: Vec<_> = document
        .allowed()
        .filter(|it| is_about(it, "sts:AssumeRoleWithWebIdentity"))
        .flat_map(|statement| subjects(model, &document, statement))
        .collect();
    let names_it = |it: &Subject| it.name == wanted;
    // A pattern may match this service account, and a function may return its name.
    let is_open = |it: &Subject| is_deferred(&it.name) || it.name.contains(['*', '?']);
    if !trusted.iter().any(names_it) && (document.may_say_more() || trusted.iter().any(is_open)) {
        return;
    }
    let help = format!("define a role for `{namespace}/{}` with `service_account_role`", account.name);
    let problem = match trusted.iter().find(|subject| names_it(subject)) {
        Some(subject) if is_other_cluster(model, id, subject.cluster) => {
            format!("service account `{}` uses a role that trusts another cluster", account.name)
        }
        Some(_) => return,
        None => match trusted.first() {
            Some(subject) => format!("service account `{wanted}` uses a role that trusts `{}`", subject.name),
            None => format!("service account `{wanted}` uses a role that trusts no service account by name"),
        },
    };
    let note = format!("`{}` is defined here", model.path(role_id));
    out.push(model.error(id, "MS0502", problem).note_at(note, model.node(role_id).at).help(help));
}

/// Checks Pod Identity: the association names the role and the service account, and the trust policy names the agent
/// and the service account.
fn associated(model: &Model, id: NodeId, association: &Resource, out: &mut Vec<Diagnostic>) {
    let Some((role_id, role)) = association.props.get("RoleArn").and_then(|arn| role_of(model, arn)) else { return };
    let Some(trust) = role.props.get("AssumeRolePolicyDocument") else { return };
    let document = Document::read(trust);
    let is_agent = |it: &Value| texts(it.get("Service")).any(|service| service == "pods.eks.amazonaws.com");
    let statement = document.allowed().find(|it| it.get("Principal").is_some_and(is_agent));
    let note = format!("`{}` is defined here", model.path(role_id));
    let report = |problem: String| {
        let help = "use `service_account_role`, or trust `pods.eks.amazonaws.com` for this service account";
        model.error(id, "MS0502", problem).note_at(&note, model.node(role_id).at).help(help)
    };
    let Some(statement) = statement.filter(|it| is_about(it, "sts:TagSession")) else {
        if document.may_say_more() {
            return;
        }
        return out.push(report("the role of the Pod Identity association does not trust `pods.eks.amazonaws.com`".to_owned()));
    };
    let exact = statement.get("Condition").and_then(|it| it.get("StringEquals"));
    for (property, tag) in [("Namespace", "kubernetes-namespace"), ("ServiceAccount", "kubernetes-service-account")] {
        let Some(ours) = association.props.get(property).and_then(Data::as_str) else { continue };
        let trusted = exact.and_then(|it| it.get(format!("aws:RequestTag/{tag}")));
        let is_ours = |it: &str| it == ours || is_deferred(it);
        if let Some(theirs) = texts(trusted).next().filter(|_| !texts(trusted).any(is_ours)) {
            return out.push(report(format!("the association is for `{ours}`, but its role trusts `{theirs}`")));
        }
    }
}

/// Returns the role of this platform that an ARN refers to.
fn role_of<'a>(model: &'a Model, arn: &Data) -> Option<(NodeId, &'a Resource)> {
    let id = arn.as_attr()?.node;
    model.resource(id).filter(|resource| resource.type_name == "AWS::IAM::Role").map(|role| (id, role))
}

/// Whether an object belongs to another cluster than the one that a role trusts.
fn is_other_cluster(model: &Model, object: NodeId, trusted: Option<NodeId>) -> bool {
    let construct = |id: NodeId| model.node(id).parent;
    match (model.target_of(object), trusted) {
        (Some(target), Some(cluster)) => construct(target) != construct(cluster),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::Construct;
    use crate::aws::{Vpc, VpcProps};
    use crate::cfn;
    use crate::eks::{Cluster, ClusterProps, Identity};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::kube::core::ServiceAccount;
    use crate::testing::{codes, stack};
    use crate::val::{Bag, Val};

    fn annotated(namespace: &str, is_same_cluster: bool) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let a = Cluster::new(&run, "a", &vpc, ClusterProps::default());
            let b = Cluster::new(&run, "b", &vpc, ClusterProps::default());
            let role = a.service_account_role(&run, "role", "shop", "orders");
            let objects = run.scope().construct("objects");
            objects.on_target(&if is_same_cluster { a.target() } else { b.target() });
            let account = ServiceAccount::new().define(&objects, "orders", "orders");
            account.in_namespace(namespace).annotate("eks.amazonaws.com/role-arn", role.arn());
        })
    }

    #[test]
    fn reports_a_role_for_another_namespace() {
        assert!(annotated("store", true).contains(&"MS0502"));
    }

    #[test]
    fn reports_a_role_for_another_cluster() {
        assert!(annotated("shop", false).contains(&"MS0502"));
    }

    #[test]
    fn accepts_a_role_that_trusts_the_service_account() {
        assert!(!annotated("shop", true).contains(&"MS0502"));
    }

    /// Checks a service account whose role has a condition for the subject.
    fn trusting(operator: &str, subject: Val<String>) -> bool {
        let found = codes(|app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let cluster = Cluster::new(&run, "a", &vpc, ClusterProps::default());
            let keys = Bag::default().with("oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub", subject);
            let statement = Bag::default()
                .with("Effect", "Allow")
                .with("Action", "sts:AssumeRoleWithWebIdentity")
                .with("Principal", Bag::default().with("Federated", cluster.provider_arn()))
                .with("Condition", Bag::default().with(operator, keys));
            let trust = Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement]);
            let role = Role::new(&run, "role", Trust::Document(Val::from(trust)), RoleProps::default());
            let objects = run.scope().construct("objects");
            objects.on_target(&cluster.target());
            let account = ServiceAccount::new().define(&objects, "orders", "orders");
            account.in_namespace("shop").annotate("eks.amazonaws.com/role-arn", role.arn());
        });
        found.contains(&"MS0502")
    }

    #[test]
    fn accepts_patterns_and_functions_that_may_match() {
        assert!(!trusting("StringLike", "system:serviceaccount:shop:*".into()));
        assert!(!trusting("StringEquals", Val::<String>::exported("subject-of-orders")));
        assert!(trusting("StringEquals", "system:serviceaccount:shop:payments".into()));
        assert!(trusting("StringLike", "system:serviceaccount:shop:payments".into()));
    }

    #[test]
    fn reports_an_association_with_a_role_for_another_account() {
        assert_eq!(
            codes(|app| {
                let run = stack(app, "run");
                let vpc = Vpc::new(&run, "vpc", VpcProps::default());
                let props = ClusterProps { identity: Identity::PodIdentity, ..ClusterProps::default() };
                let cluster = Cluster::new(&run, "main", &vpc, props);
                let role = cluster.service_account_role(&run, "role", "shop", "orders");
                cfn::eks::PodIdentityAssociation::new(cluster.name(), "shop", role.arn(), "payments")
                    .define(&run, "more");
            }),
            ["MS0502"]
        );
    }
}

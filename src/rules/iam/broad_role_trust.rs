//! A role trusts more than one service account of one cluster.
//!
//! # What it reports
//!
//! The rule checks statements that allow `sts:AssumeRoleWithWebIdentity` for the OIDC provider of an EKS cluster. It
//! reports a statement that:
//!
//! - has no condition for the subject, or allows a subject with a wildcard
//! - has no condition for the audience, or another audience than `sts.amazonaws.com`
//! - trusts the provider of one cluster and uses the issuer of another cluster in its conditions
//!
//! Conditions that an intrinsic function generates are not checked.
//!
//! # Why it matters
//!
//! Without a subject, every pod of the cluster can assume the role. A wildcard includes service accounts that other
//! users can create.
//!
//! # Fix
//!
//! Use `eks::Cluster::service_account_role`. In a template, write both conditions with `StringEquals`: `<issuer>:sub` =
//! `system:serviceaccount:<namespace>:<name>`, `<issuer>:aud` = `sts.amazonaws.com`.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>

use serde_json::{Map, Value};

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::rules::index::policies::{Document, cluster_of, is_about, is_deferred, is_made, texts};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, role) in model.of_type("AWS::IAM::Role") {
        let Some(trust) = role.props.get("AssumeRolePolicyDocument") else { continue };
        let document = Document::read(trust);
        for statement in document.allowed().filter(|it| is_about(it, "sts:AssumeRoleWithWebIdentity")) {
            if let Some(problem) = problem(model, &document, statement) {
                out.push(
                    model
                        .error(id, "MS0501", problem)
                        .help("use `service_account_role`, or match the subject and the audience with `StringEquals`"),
                );
            }
        }
    }
}

/// Returns the problem of a statement that trusts a cluster's provider. Values of intrinsic functions are not checked.
fn problem(model: &Model, document: &Document<'_>, statement: &Map<String, Value>) -> Option<String> {
    // Other identity providers, such as a CI service, have other forms of subjects.
    let cluster = texts(statement.get("Principal").and_then(|it| it.get("Federated"))).find_map(|provider| {
        let cluster = document.value(provider).and_then(|value| cluster_of(model, value));
        (cluster.is_some() || provider.contains("oidc.eks.")).then_some(cluster)
    })?;
    let none = Map::new();
    let condition = statement.get("Condition");
    let tests = condition.filter(|it| !is_made(it)).and_then(Value::as_object).unwrap_or(&none);
    for (operator, keys) in tests.iter().filter(|(_, keys)| !is_made(keys)) {
        for (key, value) in keys.as_object().into_iter().flatten().filter(|(key, _)| key.ends_with(":sub")) {
            let issuer = document.value(key).and_then(|value| cluster_of(model, value));
            if issuer != cluster && issuer.is_some() && cluster.is_some() {
                return Some("the role trusts the identity provider of one cluster, but its conditions refer to the issuer of another".to_owned());
            }
            let is_loose = |subject: &&str| match is_deferred(subject) {
                true => subject.contains(['*', '?']),
                false => !is_exact(subject) || !operator.starts_with("String"),
            };
            if let Some(subject) = texts(Some(value)).find(is_loose) {
                return Some(match is_deferred(subject) {
                    true => "the role trusts a pattern of subjects instead of one service account".to_owned(),
                    false => format!("the role trusts `{subject}` instead of one service account"),
                });
            }
        }
    }
    // The CDK uses a custom resource that returns the complete condition, because a key of a condition cannot be an
    // intrinsic function.
    if condition.is_some_and(is_not_read) || tests.values().any(is_not_read) {
        return None;
    }
    let equals = |end: &str| {
        let mut keys = tests.get("StringEquals").and_then(Value::as_object).into_iter().flatten();
        keys.find(|(key, _)| key.ends_with(end)).map(|(_, value)| texts(Some(value)).collect::<Vec<_>>())
    };
    let like = tests.get("StringLike").and_then(Value::as_object).into_iter().flatten();
    if equals(":sub").is_none() && !like.into_iter().any(|(key, _)| key.ends_with(":sub")) {
        return Some("the role trusts every service account of the cluster: its trust policy has no condition on the subject".to_owned());
    }
    match equals(":aud") {
        None => Some("the trust policy of the role has no condition on the audience, which must be `sts.amazonaws.com`".to_owned()),
        Some(audiences) => {
            let other = audiences.into_iter().find(|it| *it != "sts.amazonaws.com" && !is_deferred(it))?;
            Some(format!("the trust policy of the role has the audience `{other}` instead of `sts.amazonaws.com`"))
        }
    }
}

/// Whether an intrinsic function generates a complete part of a condition.
fn is_not_read(value: &Value) -> bool {
    is_made(value) || !value.is_object()
}

/// Whether a subject is one service account.
fn is_exact(subject: &str) -> bool {
    let parts: Vec<&str> = subject.split(':').collect();
    let named = |name: &&str| !name.is_empty() && !name.contains(['*', '?']);
    matches!(parts.as_slice(), ["system", "serviceaccount", namespace, name] if named(namespace) && named(name))
}

#[cfg(test)]
mod tests {
    use crate::Construct;
    use crate::aws::iam::web_identity_trust;
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::{Cluster, ClusterProps};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{codes, stack};
    use crate::val::{Bag, Val};

    fn with(define: impl FnOnce(&crate::Stack, &Cluster, &Cluster)) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let a = Cluster::new(&run, "a", &vpc, ClusterProps::default());
            let b = Cluster::new(&run, "b", &vpc, ClusterProps::default());
            define(&run, &a, &b);
        })
    }

    #[test]
    fn reports_a_wildcard_subject() {
        assert_eq!(
            with(|run, a, _| {
                let trust = web_identity_trust(a.provider_arn(), a.issuer(), "system:serviceaccount:shop:*");
                Role::new(run, "role", Trust::Document(trust), RoleProps::default());
            }),
            ["MS0501"]
        );
    }

    #[test]
    fn reports_a_trust_without_conditions() {
        assert_eq!(
            with(|run, a, _| {
                let statement = Bag::default()
                    .with("Effect", "Allow")
                    .with("Action", "sts:AssumeRoleWithWebIdentity")
                    .with("Principal", Bag::default().with("Federated", a.provider_arn()));
                let trust = Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement]);
                Role::new(run, "role", Trust::Document(Val::from(trust)), RoleProps::default());
            }),
            ["MS0501"]
        );
    }

    #[test]
    fn accepts_a_condition_that_a_function_returns() {
        let made = |condition: fn(crate::Resource<crate::cfn::Raw>) -> Bag| {
            with(|run, a, _| {
                let json = crate::cfn::Raw::new("Custom::AWSCDKCfnJson").define(run, "json");
                let statement = Bag::default()
                    .with("Effect", "Allow")
                    .with("Action", "sts:AssumeRoleWithWebIdentity")
                    .with("Principal", Bag::default().with("Federated", a.provider_arn()))
                    .with("Condition", condition(json));
                let trust = Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement]);
                Role::new(run, "role", Trust::Document(Val::from(trust)), RoleProps::default());
            })
        };
        assert_eq!(made(|json| Bag::default().with("StringEquals", json.attr::<String>("Value"))), [""; 0]);
        let by_function = |json: crate::Resource<crate::cfn::Raw>| {
            let argument = vec![crate::val::Data::from("Json"), "Value".into()];
            let _ = json;
            Bag::default().with("StringEquals", Bag::default().with("Fn::GetAtt", argument))
        };
        assert_eq!(made(by_function), [""; 0]);
        assert_eq!(made(|_| Bag::default().with("StringEquals", Bag::default())), ["MS0501"]);
    }

    /// Returns the findings for a role that trusts a cluster and has this condition.
    fn trusting(condition: fn(&crate::Stack) -> Bag) -> Vec<&'static str> {
        with(|run, a, _| {
            let statement = Bag::default()
                .with("Effect", "Allow")
                .with("Action", "sts:AssumeRoleWithWebIdentity")
                .with("Principal", Bag::default().with("Federated", a.provider_arn()))
                .with("Condition", condition(run));
            let trust = Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement]);
            Role::new(run, "role", Trust::Document(Val::from(trust)), RoleProps::default());
        })
    }

    fn parameter(run: &crate::Stack) -> Val<String> {
        crate::cfn::Raw::new("Custom::Subject").define(run, "subject").attr::<String>("Value")
    }

    const ISSUER: &str = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE";

    #[test]
    fn accepts_a_subject_that_a_function_returns() {
        assert_eq!(
            trusting(|run| {
                let made = parameter(run);
                let keys = Bag::default()
                    .with(format!("{ISSUER}:sub"), made.clone())
                    .with(format!("{ISSUER}:aud"), made);
                Bag::default().with("StringEquals", keys)
            }),
            [""; 0]
        );
    }

    #[test]
    fn reports_a_subject_pattern_in_a_trust_with_functions() {
        let found = trusting(|run| {
            let like = Bag::default().with(format!("{ISSUER}:sub"), "system:serviceaccount:shop:*");
            Bag::default().with("StringEquals", parameter(run)).with("StringLike", like)
        });
        assert_eq!(found, ["MS0501"]);
        let partly = trusting(|run| {
            let subject = crate::text!["system:serviceaccount:", parameter(run), ":*"];
            Bag::default().with("StringLike", Bag::default().with(format!("{ISSUER}:sub"), subject))
        });
        assert_eq!(partly, ["MS0501"]);
    }

    #[test]
    fn reports_the_issuer_of_another_cluster() {
        assert_eq!(
            with(|run, a, b| {
                let trust = web_identity_trust(a.provider_arn(), b.issuer(), "system:serviceaccount:shop:orders");
                Role::new(run, "role", Trust::Document(trust), RoleProps::default());
            }),
            ["MS0501"]
        );
    }

    #[test]
    fn accepts_the_role_of_one_service_account() {
        assert_eq!(
            with(|run, a, _| {
                a.service_account_role(&run.scope().construct("orders"), "role", "shop", "orders");
            }),
            [""; 0]
        );
    }
}

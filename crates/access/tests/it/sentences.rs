//! Examples in each policy language with the resulting description.

use meshsynth_access::iam::{self, Document, Identity, Managed};
use meshsynth_access::istio::{AuthorizationPolicy, PeerAuthentication, RequestAuthentication};
use meshsynth_access::kubernetes::{NetworkPolicy, Rbac, Traffic, load_balancer};
use meshsynth_access::network::{Exposure, SecurityGroup, exposures};
use meshsynth_access::sets::Region;
use meshsynth_access::{Direction, compare};
use serde_json::{Value, json};

/// Returns the changes. `+` marks wider access, `-` narrower access, and `!` wider access for strangers or for unknown
/// holders of an identity.
#[track_caller]
fn said(before: &Region, after: &Region) -> Vec<String> {
    let sign = |direction, is_public| match (direction, is_public) {
        (Direction::Widened, true) => '!',
        (Direction::Widened, false) => '+',
        (Direction::Narrowed, _) => '-',
    };
    compare(before, after)
        .iter()
        .map(|it| format!("{} {}", sign(it.direction, it.extent.is_public), it.extent))
        .collect()
}

const SAME: [&str; 0] = [];

fn identity(statement: Value) -> Region {
    let document = Document::parse(&json!({ "Statement": statement })).unwrap();
    Identity { policies: vec![Managed::Known(document)], boundary: None }.admits()
}

fn allow(key: &str, names: Value) -> Value {
    json!({ "Effect": "Allow", key: names, "Resource": "*" })
}

#[test]
fn smaller_not_action_widens_allow() {
    let (large, small) = (allow("NotAction", json!(["iam:*", "s3:*"])), allow("NotAction", json!("iam:*")));
    assert_eq!(
        said(&identity(large.clone()), &identity(small.clone())),
        ["! Action: s3:*; Elsewhere: anything except yes"]
    );
    assert_eq!(said(&identity(small), &identity(large)), ["- Action: s3:*; Elsewhere: anything except yes"]);
}

#[test]
fn equivalent_statements_are_equal() {
    let one = json!({ "Sid": "A", "Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": ["b", "a"] });
    let other = json!([
        { "Effect": "Allow", "Action": "S3:get*", "Resource": "a" },
        { "Sid": "B", "Effect": "Allow", "Action": ["s3:Get*"], "Resource": "b" },
    ]);
    assert_eq!(said(&identity(one), &identity(other)), SAME);
}

#[test]
fn removing_a_boundary_widens() {
    let role = |boundary: Option<&str>| {
        let boundary = boundary.map(|name| Managed::Named(name.to_owned()));
        let document = Document::parse(&json!({ "Statement": allow("Action", json!("s3:*")) })).unwrap();
        Identity { policies: vec![Managed::Known(document)], boundary }.admits()
    };
    let found = said(&role(Some("limit")), &role(None));
    assert_eq!(found, ["! Action: s3:*; Opaque(\"limit\"): anything except yes; Elsewhere: anything except yes"]);
    assert_eq!(said(&role(Some("limit")), &role(Some("limit"))), SAME);
}

fn bucket(statement: Option<Value>) -> Region {
    let document = statement.map(|it| Document::parse(&json!({ "Statement": it })).unwrap());
    iam::resource(document.as_ref())
}

#[test]
fn removing_a_denial_widens_access_by_other_policies() {
    let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": { "Bool": { "aws:SecureTransport": "false" } } });
    let found = said(&bucket(Some(deny)), &bucket(None));
    assert_eq!(found, ["! Action: s3:*; Key(Key(\"aws:SecureTransport\")): false; Elsewhere: yes"]);
}

#[test]
fn only_caller_conditions_prevent_public_access() {
    let open = |condition: Value| {
        bucket(Some(
            json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*", "Condition": condition }),
        ))
    };
    let is_public = |condition: Value| said(&bucket(None), &open(condition))[0].starts_with('!');
    assert!(is_public(json!({})) && is_public(json!({ "Bool": { "aws:SecureTransport": true } })));
    assert!(is_public(json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-1" } })));
    assert!(is_public(json!({ "IpAddress": { "aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"] } })));
    assert!(!is_public(json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } })));
    assert!(!is_public(json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } })));
}

#[test]
fn replacing_an_account_by_one_of_its_roles_narrows_access() {
    let key = |who: &str| {
        let statement =
            json!({ "Effect": "Allow", "Principal": { "AWS": who }, "Action": "kms:Decrypt", "Resource": "*" });
        iam::trust(&Document::parse(&json!({ "Statement": statement })).unwrap())
    };
    let (account, role) = (key("111122223333"), key("arn:aws:iam::111122223333:role/a"));
    assert_eq!(said(&account, &key("arn:aws:iam::111122223333:root")), SAME);
    assert!(said(&account, &role).iter().all(|it| it.starts_with('-')));
}

fn network(spec: Value) -> Region {
    let policy =
        NetworkPolicy::parse(&json!({ "kind": "NetworkPolicy", "metadata": { "namespace": "shop" }, "spec": spec }));
    NetworkPolicy::admits([&policy], Traffic::Ingress)
}

#[test]
fn exceptions_narrow_blocks() {
    let block = |except: Value| {
        let block = json!({ "cidr": "10.0.0.0/8", "except": except });
        network(json!({ "podSelector": {}, "ingress": [{ "from": [{ "ipBlock": block }] }] }))
    };
    assert_eq!(said(&block(json!([])), &block(json!(["10.1.0.0/16"]))), ["- Peer: 10.1.0.0/16"]);
}

#[test]
fn combining_two_peers_narrows() {
    let (namespace, pod) = (json!({ "matchLabels": { "team": "a" } }), json!({ "matchLabels": { "app": "b" } }));
    let two = json!([{ "namespaceSelector": namespace }, { "podSelector": pod }]);
    let one = json!([{ "namespaceSelector": namespace, "podSelector": pod }]);
    let of = |from: Value| network(json!({ "podSelector": {}, "ingress": [{ "from": from }] }));
    let found = said(&of(two), &of(one));
    assert!(!found.is_empty() && found.iter().all(|it| it.starts_with('-')), "{found:?}");
}

#[test]
fn explicit_default_policy_types_are_no_change() {
    let rule = json!([{ "from": [{ "podSelector": {} }] }]);
    let explicit = network(json!({ "podSelector": {}, "policyTypes": ["Ingress"], "ingress": rule }));
    assert_eq!(said(&network(json!({ "podSelector": {}, "ingress": rule })), &explicit), SAME);
}

#[test]
fn group_without_egress_rules_is_open() {
    let group = |properties: Value| SecurityGroup::of(&properties).admits(Traffic::Egress);
    let rule = json!({ "SecurityGroupEgress": [{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8" }] });
    assert!(said(&group(rule.clone()), &group(json!({}))).iter().all(|it| !it.starts_with('-')));
    assert!(said(&group(json!({})), &group(rule)).iter().all(|it| it.starts_with('-')));
    let everything = json!({ "SecurityGroupEgress": [
        { "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }, { "IpProtocol": "-1", "CidrIpv6": "::/0" },
    ] });
    assert_eq!(said(&group(json!({})), &group(everything)), SAME);
}

fn calls(specs: &[Value]) -> Region {
    let policy =
        |spec: &Value| AuthorizationPolicy::parse(&json!({ "metadata": { "namespace": "shop" }, "spec": spec }));
    AuthorizationPolicy::admits(&specs.iter().map(policy).collect::<Vec<_>>())
}

#[test]
fn denying_everything_narrows() {
    let found = said(&calls(&[]), &calls(&[json!({ "action": "DENY", "rules": [{}] })]));
    assert_eq!(found, ["- "]);
    assert_eq!(said(&calls(&[]), &calls(&[json!({ "action": "DENY" })])), SAME);
    assert_eq!(said(&calls(&[]), &calls(&[json!({})])), ["- "], "to allow nothing is to deny");
}

#[test]
fn removing_a_condition_widens() {
    let rule = |when: Value| calls(&[json!({ "rules": [{ "when": when }] })]);
    let found = said(&rule(json!([{ "key": "request.headers[x]", "values": ["a"] }])), &rule(json!([])));
    assert_eq!(found, ["! Key(Key(\"request.headers[x]\")): anything except a"]);
}

#[test]
fn access_without_identity_is_public() {
    let from = |source: Value| calls(&[json!({ "rules": [{ "from": [{ "source": source }] }] })]);
    let is_public = |source: Value| said(&calls(&[json!({})]), &from(source))[0].starts_with('!');
    assert!(is_public(json!({ "notNamespaces": ["a"] })) && is_public(json!({ "notPrincipals": ["*"] })));
    assert!(!is_public(json!({ "principals": ["*"] })) && !is_public(json!({ "namespaces": ["a"] })));
    assert!(!is_public(json!({ "ipBlocks": ["10.0.0.0/8"] })) && !is_public(json!({ "requestPrincipals": ["*"] })));
}

#[test]
fn non_strict_mtls_admits_plaintext_clients() {
    let mode = |mode: &str| {
        let policy = PeerAuthentication::parse(
            &json!({ "metadata": { "namespace": "shop" }, "spec": { "mtls": { "mode": mode } } }),
        );
        PeerAuthentication::admits([&policy], "istio-system")
    };
    assert_eq!(said(&mode("STRICT"), &mode("PERMISSIVE")), ["+ Principal: plaintext"]);
    assert_eq!(said(&mode("STRICT"), &mode("DISABLE")), ["+ Principal: plaintext | unverified"]);
    assert_eq!(said(&PeerAuthentication::admits([], "istio-system"), &mode("UNSET")), SAME);
}

#[test]
fn without_request_authentication_any_token_passes() {
    let policy = RequestAuthentication::parse(
        &json!({ "metadata": { "namespace": "shop" }, "spec": { "jwtRules": [{ "issuer": "a" }] } }),
    );
    let found = said(&RequestAuthentication::admits([&policy]), &RequestAuthentication::admits([]));
    assert!(!found.is_empty() && found.iter().all(|it| !it.starts_with('-')), "{found:?}");
}

#[test]
fn rule_without_names_applies_to_all_names() {
    let rbac = |names: Value, subject: Value| {
        let mut rbac = Rbac::default();
        let mut rule = json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["secrets"] });
        if !names.is_null() {
            rule["resourceNames"] = names;
        }
        rbac.add(&json!({ "kind": "ClusterRole", "metadata": { "name": "r" }, "rules": [rule] }));
        rbac.add(&json!({ "kind": "ClusterRoleBinding", "metadata": { "name": "b" }, "subjects": [subject],
            "roleRef": { "kind": "ClusterRole", "name": "r" } }));
        rbac.admits()
    };
    let (alice, everybody) =
        (json!({ "kind": "User", "name": "alice" }), json!({ "kind": "Group", "name": "system:authenticated" }));
    let found = said(&rbac(json!(["a"]), alice.clone()), &rbac(Value::Null, alice.clone()));
    assert!(
        matches!(found.as_slice(), [it] if it.starts_with('+') && it.ends_with("ResourceName: anything except a")),
        "{found:?}"
    );
    assert!(said(&rbac(Value::Null, alice), &rbac(Value::Null, everybody))[0].starts_with('!'));
}

#[test]
fn load_balancers_are_public_by_default() {
    let service = |annotations: Value, ranges: Value| {
        load_balancer(&json!({ "kind": "Service", "metadata": { "annotations": annotations },
            "spec": { "type": "LoadBalancer", "loadBalancerSourceRanges": ranges, "ports": [{ "port": 443 }] } }))
    };
    let internal = json!({ "service.beta.kubernetes.io/aws-load-balancer-internal": "true" });
    let found = said(&service(internal, json!([])), &service(json!({}), json!([])));
    assert_eq!(found, ["! Protocol: tcp; Port: 443; Network: anything except internal"]);
    assert!(said(&service(json!({}), json!(["192.0.2.0/24"])), &service(json!({}), json!([])))[0].starts_with('!'));
    let class = json!({ "service.beta.kubernetes.io/aws-load-balancer-type": "external" });
    assert_eq!(said(&service(class.clone(), json!([])), &service(class, json!(["0.0.0.0/0"]))), SAME);
}

#[test]
fn removing_public_access_block_widens() {
    let block = json!({ "PublicAccessBlockConfiguration": { "BlockPublicAcls": true, "BlockPublicPolicy": true,
        "IgnorePublicAcls": true, "RestrictPublicBuckets": true } });
    let of = |properties: &Value, is_new: bool| {
        let all = exposures("AWS::S3::Bucket", properties, is_new);
        all.into_iter().find(|(it, _)| *it == Exposure::PublicAccessNotBlocked).unwrap().1
    };
    assert_eq!(said(&of(&block, false), &of(&json!({}), false)).len(), 1);
    assert_eq!(said(&Region::none(), &of(&json!({}), true)), SAME);
}

//! Changes of protections other than policies: web ACLs, logins, cache users, pod security levels.

use serde_json::{Value, json};

use crate::access::{SAME, object, objects, of, templates};

#[test]
fn removing_web_acl_protection_is_reported_as_public() {
    let acl = |rules: Value| json!({ "DefaultAction": { "Allow": {} }, "Rules": rules });
    let block = json!({ "Name": "rate", "Action": { "Block": {} }, "Statement": { "RateBasedStatement": {} } });
    let count = json!({ "Name": "rate", "Action": { "Count": {} }, "Statement": { "RateBasedStatement": {} } });
    let widened = ["! web ACL `It` no longer applies `rate`"];
    assert_eq!(of("AWS::WAFv2::WebACL", acl(json!([block])), acl(json!([]))), widened);
    assert_eq!(of("AWS::WAFv2::WebACL", acl(json!([block])), acl(json!([count]))), widened);
    let template = |with: bool| {
        let association = json!({ "Type": "AWS::WAFv2::WebACLAssociation",
            "Properties": { "ResourceArn": { "Ref": "Balancer" }, "WebACLArn": "acl" } });
        let mut resources = json!({ "Balancer": { "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer" } });
        if with {
            resources["It"] = association;
        }
        json!({ "Resources": resources })
    };
    let found = templates(template(true), template(false));
    assert_eq!(found, ["! `Balancer` accepts requests without web ACL inspection"]);
    let found = templates(template(false), template(true));
    assert_eq!(found, ["- `Balancer` accepts only requests that a web ACL inspects"]);
    assert_eq!(
        templates(template(true), json!({ "Resources": {} })).len(),
        1,
        "the load balancer that goes, and no more"
    );
}

#[test]
fn removing_a_login_is_reported_as_public() {
    let rule = |kind: &str| json!({ "Actions": [{ "Type": kind }, { "Type": "forward" }] });
    let found = of("AWS::ElasticLoadBalancingV2::ListenerRule", rule("authenticate-oidc"), rule("forward"));
    assert_eq!(found, ["! `It` accepts requests without authentication"]);
    let found = of("AWS::ElasticLoadBalancingV2::ListenerRule", rule("forward"), rule("redirect"));
    assert_eq!(found, SAME);
    let behavior =
        |signers: Value| json!({ "DistributionConfig": { "DefaultCacheBehavior": { "TrustedKeyGroups": signers } } });
    let found = of("AWS::CloudFront::Distribution", behavior(json!(["group"])), behavior(json!([])));
    assert_eq!(found, ["! `It` accepts requests without authentication"]);
    let cache = |users: Value| json!({ "UserGroupIds": users });
    let found = of("AWS::ElastiCache::ReplicationGroup", cache(json!(["group"])), cache(json!([])));
    assert_eq!(found, ["! `It` accepts requests without authentication"]);
}

#[test]
fn permissions_of_a_cache_user_are_an_access_change() {
    let user = |access: &str| json!({ "AccessString": access });
    let of = |before: &str, after: &str| of("AWS::ElastiCache::User", user(before), user(after));
    assert_eq!(of("on ~app:* +@read", "on ~app:* +@read +@write"), ["+ `It` may now run `@write` on `app:*`"]);
    assert_eq!(of("on ~* +@all", "on ~* +@all -@dangerous"), ["- `It` may no longer run `@dangerous` on every key"]);
    assert_eq!(of("off ~* +@all", "on ~* +@all"), ["+ `It` may now run every command on every key"]);
    assert_eq!(of("on ~* +@all", "on allkeys allcommands"), SAME);
}

#[test]
fn node_access_of_pods_is_an_access_change() {
    let pod = |spec: Value| {
        let mut pod = json!({ "containers": [{ "name": "a", "image": "a:1" }] });
        pod.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        [object("Deployment", json!({ "template": { "spec": pod } }))]
    };
    let of = |before: Value, after: Value| objects(&pod(before), &pod(after));
    assert_eq!(of(json!({}), json!({ "hostNetwork": true })), ["+ pods of `shop/it` now have `hostNetwork`"]);
    let privileged =
        json!({ "containers": [{ "name": "a", "image": "a:1", "securityContext": { "privileged": true } }] });
    assert_eq!(of(json!({}), privileged), ["+ pods of `shop/it` now have `privileged`"]);
    let host = json!({ "volumes": [{ "name": "h", "hostPath": { "path": "/" } }] });
    assert_eq!(of(json!({}), host.clone()), ["+ pods of `shop/it` now have `hostPath` `/`"]);
    assert_eq!(of(host, json!({})), ["- pods of `shop/it` no longer have `hostPath` `/`"]);
    let account = |name: &str| json!({ "serviceAccountName": name });
    let found = of(account("reader"), account("admin"));
    let wanted = [
        "+ pods of `shop/it` now have `serviceAccountName` `admin`",
        "- pods of `shop/it` no longer have `serviceAccountName` `reader`",
    ];
    assert_eq!(found, wanted);
    assert_eq!(objects(&[], &pod(account("admin"))), SAME);
}

#[test]
fn pod_security_level_is_an_access_change() {
    let namespace = |level: &str| {
        let labels = json!({ "pod-security.kubernetes.io/enforce": level });
        [json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop", "labels": labels } })]
    };
    let found = objects(&namespace("restricted"), &namespace("baseline"));
    assert_eq!(found, ["+ namespace `shop` now allows pods of level `baseline`"]);
}

#[test]
fn ingress_without_login_or_web_acl_is_public() {
    let ingress = |annotations: Value| {
        let mut ingress = object("Ingress", json!({ "ingressClassName": "alb" }));
        ingress["metadata"]["annotations"] = annotations;
        [ingress]
    };
    let guarded =
        json!({ "alb.ingress.kubernetes.io/auth-type": "oidc", "alb.ingress.kubernetes.io/wafv2-acl-arn": "acl" });
    let found = objects(&ingress(guarded), &ingress(json!({})));
    let wanted = [
        "! `shop/it` accepts requests without authentication",
        "! `shop/it` accepts requests without web ACL \
             inspection",
    ];
    assert_eq!(found, wanted);
}

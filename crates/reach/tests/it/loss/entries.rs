//! Client entries, with and without failover.

use meshsynth_reach::World;
use meshsynth_reach::loss::{Kind, Outcome};
use serde_json::{Value, json};

use super::support::{outcome, regions, resource, template, without_region, without_zone, world};

const BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";

#[test]
fn load_balancers_continue_in_other_subnets() {
    let balancer = |subnets: &[&str]| {
        let subnets: Vec<Value> = subnets.iter().map(|it| json!({ "Ref": it })).collect();
        let world = world(&template(json!({ "Door": resource(BALANCER, json!({ "Subnets": subnets })) })), "");
        outcome(&without_zone(&world, "eu-west-1a"), Kind::Entry, "Door")
    };
    assert_eq!(
        (balancer(&["A", "B"]), balancer(&["A"]), balancer(&["B"])),
        (Outcome::FailsOver, Outcome::Lost, Outcome::Left)
    );
}

#[test]
fn load_balancers_are_lost_with_all_their_targets() {
    let balancer = |targets: &[&str]| {
        let targets: Vec<Value> = targets.iter().map(|it| json!({ "Id": { "Ref": it } })).collect();
        let instance = |subnet: &str| resource("AWS::EC2::Instance", json!({ "SubnetId": { "Ref": subnet } }));
        let group = json!({ "TargetGroupArn": { "Ref": "Group" }, "Type": "forward" });
        let world = world(
            &template(json!({
                "Door": resource(BALANCER, json!({ "Subnets": [{ "Ref": "A" }, { "Ref": "B" }] })),
                "Listener": resource("AWS::ElasticLoadBalancingV2::Listener", json!({ "LoadBalancerArn": { "Ref": "Door" }, "Port": 80, "DefaultActions": [group] })),
                "Group": resource("AWS::ElasticLoadBalancingV2::TargetGroup", json!({ "Port": 80, "Targets": targets })),
                "One": instance("A"),
                "Two": instance("B"),
            })),
            "",
        );
        outcome(&without_zone(&world, "eu-west-1a"), Kind::Entry, "Door")
    };
    assert_eq!((balancer(&["One"]), balancer(&["One", "Two"])), (Outcome::Lost, Outcome::FailsOver));
}

/// Returns a load balancer in each of two regions, and records in a third stack.
fn two(names: impl Fn(Value, Value) -> Value) -> World {
    let balancer = json!({ "Resources": { "Door": resource(BALANCER, json!({})) }, "Outputs": { "Out": { "Value": { "Ref": "Door" } } } });
    let of = |stack: &str, region: &str| json!({ "Fn::GetStackOutput": { "StackName": stack, "Region": region, "OutputName": "Out" } });
    let names = names(of("here", "eu-west-1"), of("there", "eu-central-1"));
    regions(&[
        ("here", "eu-west-1", balancer.clone()),
        ("there", "eu-central-1", balancer),
        ("names", "eu-central-1", json!({ "Resources": names })),
    ])
}

fn record(to: &Value, more: Value) -> Value {
    let mut properties = json!({ "Name": "shop.example.com", "Type": "A", "AliasTarget": { "DNSName": to, "EvaluateTargetHealth": false } });
    for (key, value) in more.as_object().unwrap() {
        properties[key] = value.clone();
    }
    resource("AWS::Route53::RecordSet", properties)
}

fn name(records: impl Fn(&Value, &Value) -> Vec<Value>) -> Outcome {
    let world = two(|a, b| {
        let all = records(&a, &b).into_iter().enumerate();
        Value::Object(all.map(|(idx, it)| (format!("R{idx}"), it)).collect())
    });
    outcome(&without_region(&world, "eu-west-1"), Kind::Entry, "shop.example.com")
}

#[test]
fn records_with_health_checks_fail_over() {
    let with = |set: &str, more: Value| {
        let mut more = more;
        more["SetIdentifier"] = set.into();
        more
    };
    let checked = json!({ "HealthCheckId": "abc", "Region": "eu-west-1" });
    assert_eq!(
        name(|a, b| vec![record(a, with("a", checked.clone())), record(b, with("b", checked.clone()))]),
        Outcome::FailsOver
    );
    let blind = json!({ "Region": "eu-west-1" });
    assert_eq!(
        name(|a, b| vec![record(a, with("a", blind.clone())), record(b, with("b", blind.clone()))]),
        Outcome::ByHand
    );
    let side = |it: &str| json!({ "Failover": it, "HealthCheckId": "abc" });
    assert_eq!(
        name(|a, b| vec![record(a, with("a", side("PRIMARY"))), record(b, with("b", side("SECONDARY")))]),
        Outcome::FailsOver
    );
    assert_eq!(
        name(|a, b| vec![record(b, with("b", side("PRIMARY"))), record(a, with("a", side("SECONDARY")))]),
        Outcome::Left
    );
    assert_eq!(name(|a, _| vec![record(a, json!({}))]), Outcome::Lost);
    assert_eq!(name(|_, b| vec![record(b, json!({}))]), Outcome::Left);
}

#[test]
fn accelerators_use_remaining_endpoint_group() {
    let accelerator = |groups: usize| {
        let world = two(|a, b| {
            let group = |region: &str, to: &Value| {
                resource(
                    "AWS::GlobalAccelerator::EndpointGroup",
                    json!({
                        "ListenerArn": { "Ref": "Listener" }, "EndpointGroupRegion": region, "EndpointConfigurations": [{ "EndpointId": to }],
                    }),
                )
            };
            let mut all = json!({
                "Accelerator": resource("AWS::GlobalAccelerator::Accelerator", json!({})),
                "Listener": resource("AWS::GlobalAccelerator::Listener", json!({ "AcceleratorArn": { "Ref": "Accelerator" } })),
                "Here": group("eu-west-1", &a),
            });
            if groups > 1 {
                all["There"] = group("eu-central-1", &b);
            }
            all
        });
        outcome(&without_region(&world, "eu-west-1"), Kind::Entry, "Accelerator")
    };
    assert_eq!((accelerator(2), accelerator(1)), (Outcome::FailsOver, Outcome::Lost));
}

#[test]
fn distributions_fail_over_with_origin_group() {
    let distribution = |target: &str| {
        let world = two(|a, b| {
            json!({ "Distribution": resource("AWS::CloudFront::Distribution", json!({ "DistributionConfig": {
                "Enabled": true,
                "Origins": [{ "Id": "a", "DomainName": a }, { "Id": "b", "DomainName": b }],
                "OriginGroups": { "Items": [{ "Id": "both", "Members": { "Items": [{ "OriginId": "a" }, { "OriginId": "b" }] } }] },
                "DefaultCacheBehavior": { "TargetOriginId": target },
            } })) })
        });
        outcome(&without_region(&world, "eu-west-1"), Kind::Entry, "Distribution")
    };
    assert_eq!(
        (distribution("both"), distribution("a"), distribution("b")),
        (Outcome::FailsOver, Outcome::Lost, Outcome::Left)
    );
}

#[test]
fn ingresses_are_lost_with_their_backend() {
    let manifests = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: door, namespace: shop }\nspec:\n  rules:\n    - http:\n        paths:\n          \
                     - { path: /, pathType: Prefix, backend: { service: { name: orders, port: { number: 80 } } } }\n---\napiVersion: v1\nkind: Service\nmetadata: { name: orders, namespace: shop }\n\
                     spec: { selector: { app: orders }, ports: [ { port: 80 } ] }\n---\napiVersion: v1\nkind: Pod\nmetadata: { name: orders, namespace: shop, labels: { app: orders } }\n\
                     spec: { containers: [ { name: main, image: x } ], nodeSelector: { topology.kubernetes.io/zone: ZONE } }\n";
    let of = |zone: &str| {
        outcome(
            &without_zone(&world(&json!({}), &manifests.replace("ZONE", zone)), "eu-west-1a"),
            Kind::Entry,
            "shop/door",
        )
    };
    assert_eq!((of("eu-west-1a"), of("eu-west-1b")), (Outcome::Lost, Outcome::Left));
}

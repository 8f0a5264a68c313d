//! The public model of a platform that custom rules read.

use meshsynth::policy::{EdgeKind, Exposure, Platform, Report, Rule};
use meshsynth::testing::{findings, stack, workload};
use meshsynth::val::Bag;
use meshsynth::{App, cfn, kms, kube, s3};

/// Returns the lines that a rule reports for a platform.
fn seen(look: fn(&Platform<'_>) -> Vec<String>, define: impl FnOnce(&App)) -> Vec<String> {
    let rule = Rule::new("ACME001", "looks", move |platform: &Platform<'_>, report: &mut Report| {
        // Findings are sorted by location and message, so a number at the start keeps their original order.
        for (idx, line) in look(platform).into_iter().enumerate() {
            report.at(&platform.app(), format!("{idx:03} {line}"));
        }
    });
    let found = findings(&rule, define).into_iter();
    found.map(|it| it.message.split_once(' ').expect("it has a number").1.to_owned()).collect()
}

#[test]
fn a_property_is_known_deferred_or_absent() {
    let look = |platform: &Platform<'_>| {
        let bucket = platform.resources_of::<cfn::s3::Bucket>().next().expect("a bucket");
        let rule = bucket.property("BucketEncryption.ServerSideEncryptionConfiguration[0]");
        let default = rule.get("ServerSideEncryptionByDefault");
        let key = default.get("KMSMasterKeyID");
        let refers: Vec<_> = key.refers_to().iter().map(|it| it.path()).collect();
        vec![
            format!("{}", default.get("SSEAlgorithm").is(cfn::s3::bucket::SseAlgorithm::AwsKms)),
            format!("{:?} {}", rule.get("BucketKeyEnabled").as_bool(), rule.get("BucketKeyEnabled").path()),
            format!("{} {} {refers:?}", key.is_deferred(), key.is_absent()),
            format!(
                "{} {}",
                bucket.property("WebsiteConfiguration").is_absent(),
                bucket.property("BucketName").is_deferred()
            ),
        ]
    };
    let said = seen(look, |app| {
        let data = stack(app, "data");
        let key = kms::Key::new(&data, "key", kms::KeyProps::default());
        s3::Bucket::new(&data, "receipts", s3::BucketProps { key: Some(key), ..Default::default() });
    });
    assert_eq!(
        said,
        [
            "true",
            "Some(true) BucketEncryption.ServerSideEncryptionConfiguration[0].BucketKeyEnabled",
            "true false [\"data/key\"]",
            "true false",
        ]
    );
}

#[test]
fn returns_the_tags_and_labels_of_the_output() {
    let look = |platform: &Platform<'_>| {
        let bucket = platform.resources("AWS::S3::Bucket").next().expect("a bucket");
        let tags = bucket.tags();
        let keys: Vec<_> = tags.keys().collect();
        let deployment = platform.objects_of::<kube::apps::Deployment>().next().expect("a deployment");
        vec![
            format!("{keys:?}"),
            format!("{:?} {:?} {:?}", bucket.tag("team"), bucket.tag("cost"), bucket.tag("absent")),
            format!("{:?}", deployment.label("app.kubernetes.io/name")),
            format!("{:?}", deployment.property("metadata.labels.app.kubernetes.io/name").as_str()),
        ]
    };
    let said = seen(look, |app| {
        app.tag("cost", "42").tag("team", "all");
        let data = stack(app, "data");
        data.tag("team", "checkout");
        s3::Bucket::new(&data, "receipts", s3::BucketProps::default());
        workload(app);
    });
    let expected = [
        "[\"cost\", \"meshsynth:app\", \"team\"]",
        "Some(\"checkout\") Some(\"42\") None",
        "Some(\"orders\")",
        "Some(\"orders\")",
    ];
    assert_eq!(said, expected);
}

#[test]
fn items_have_their_location() {
    let look = |platform: &Platform<'_>| {
        let deployment = platform.workloads().next().expect("a deployment");
        let stack = deployment.stack().expect("it is in one");
        let cluster = deployment.cluster().expect("it goes to one");
        let parents: Vec<_> = deployment.parents().map(|it| it.path().to_owned()).collect();
        vec![
            format!("{} {:?} {:?}", deployment.name(), deployment.namespace(), deployment.api_version()),
            format!("{} {} {:?}", stack.name(), stack.region(), stack.account()),
            format!("{} {}", cluster.path(), !cluster.version().is_empty()),
            format!("{parents:?}"),
            format!("{:?}", deployment.component()),
            format!("{:?}", deployment.component().parts("Service").map(|it| it.name()).collect::<Vec<_>>()),
        ]
    };
    let said = seen(look, |app| drop(workload(app)));
    assert_eq!(said[0], "orders Some(\"shop\") Some(\"apps/v1\")");
    assert_eq!(said[1], "app-platform ap-northeast-1 Some(\"111122223333\")");
    assert_eq!(said[2], "platform/cluster true");
    assert_eq!(said[3], "[\"platform/shop/orders\", \"platform/shop\", \"platform\", \"\"]");
    assert_eq!(said[4], "platform/shop/orders ()");
    assert_eq!(said[5], "[\"orders\"]");
}

#[test]
fn grants_have_grantee_actions_and_resource() {
    let look = |platform: &Platform<'_>| {
        let of_bucket = platform.grants().filter(|it| it.resource().is_some_and(|it| it.path() == "data/receipts"));
        let line = |it: meshsynth::policy::Grant<'_>| {
            format!(
                "{} {} {} {}",
                it.principal().path(),
                it.actions().join(","),
                it.writes(),
                it.allows("s3:PutObject")
            )
        };
        of_bucket.map(line).collect()
    };
    let said = seen(look, |app| {
        let orders = workload(app);
        let bucket = s3::Bucket::new(&stack(app, "data"), "receipts", s3::BucketProps::default());
        bucket.grant_read(&orders);
        bucket.grant_write(&orders);
    });
    assert_eq!(
        said,
        [
            "platform/shop/orders s3:AbortMultipartUpload,s3:PutObject true true",
            "platform/shop/orders s3:GetBucketLocation,s3:ListBucket false false",
            "platform/shop/orders s3:GetObject,s3:GetObjectVersion false false",
        ]
    );
}

#[test]
fn public_access_equals_that_of_diff() {
    let look = |platform: &Platform<'_>| {
        let mut said: Vec<_> = platform.exposures().map(|(item, how)| format!("{how:?} {}", item.path())).collect();
        said.extend(platform.public_entries().iter().map(|it| format!("entry {}", it.path())));
        let open = |it: &(meshsynth::policy::Item<'_>, Exposure)| it.1 == Exposure::PublicAddress && it.0.holds_data();
        said.push(format!("{} open stores", platform.exposures().filter(open).count()));
        said
    };
    let said = seen(look, |app| {
        let data = stack(app, "data");
        let public = Bag::default().with("Engine", "postgres").with("PubliclyAccessible", true);
        meshsynth::Resource::<cfn::rds::DbInstance>::define(&data, "open", "AWS::RDS::DBInstance", public);
        let closed = Bag::default().with("Engine", "postgres").with("PubliclyAccessible", false);
        meshsynth::Resource::<cfn::rds::DbInstance>::define(&data, "closed", "AWS::RDS::DBInstance", closed);
        let internal = Bag::default().with("Scheme", "internal");
        let facing = Bag::default().with("Scheme", "internet-facing");
        for (id, props) in [("inside", internal), ("outside", facing)] {
            let type_name = "AWS::ElasticLoadBalancingV2::LoadBalancer";
            meshsynth::Resource::<cfn::Raw>::define(&data, id, type_name, props);
        }
        let group =
            cfn::ec2::SecurityGroup::new("web").security_group_ingress([cfn::ec2::security_group::Ingress::new("tcp")
                .cidr_ip("0.0.0.0/0")
                .from_port(443)
                .to_port(443)]);
        group.define(&data, "web");
    });
    assert_eq!(
        said,
        [
            "PublicAddress data/open",
            "InternetFacing data/outside",
            "OpenPort data/web",
            "entry data/open",
            "entry data/outside",
            "1 open stores",
        ]
    );
}

#[test]
fn edges_connect_components_and_have_a_line() {
    let look = |platform: &Platform<'_>| {
        let calls = platform.edges_of(EdgeKind::Call);
        let line = |it: meshsynth::policy::Edge<'_>| {
            format!("{} -> {} {:?} {}", it.from().path(), it.to().path(), it.port(), it.line().file())
        };
        let mut said: Vec<_> = calls.map(line).collect();
        let orders = platform.workloads().find(|it| it.name() == "orders").expect("it is there");
        said.extend(orders.edges_out().map(|it| format!("out {}", it.to().path())));
        said.extend(orders.reaches(&[EdgeKind::Call]).iter().map(|it| format!("{} {}", it.hops(), it.item.path())));
        said
    };
    let said = seen(look, |app| {
        let orders = workload(app);
        let service = |name: &str| {
            let image = format!("registry.example/{name}:1.0.0");
            meshsynth::mesh::Workload::new(orders.namespace(), name, image, Default::default())
        };
        let (payments, ledger) = (service("payments"), service("ledger"));
        orders.calls(&payments);
        payments.calls(&ledger);
    });
    assert_eq!(
        said,
        [
            "platform/shop/orders -> platform/shop/payments Some(8080) tests/it/policy_model.rs",
            "platform/shop/payments -> platform/shop/ledger Some(8080) tests/it/policy_model.rs",
            "out platform/shop/payments",
            "1 platform/shop/payments",
            "2 platform/shop/ledger",
        ]
    );
}

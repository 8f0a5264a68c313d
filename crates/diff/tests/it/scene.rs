//! Small platforms for comparisons, and tests of whole diffs.

use meshsynth_assembly::Manifest;
use meshsynth_diff::side::Side;
use meshsynth_diff::{Access, Change, Diff, Verdict, refactor};
use serde_json::{Value, json};

/// A platform of templates and objects.
pub struct Scene {
    pub stacks: Vec<(&'static str, Value)>,
    pub objects: Vec<(&'static str, Value)>,
    pub bindings: Value,
    pub graph: Value,
    /// The dependencies of stacks.
    pub needs: Vec<(&'static str, Vec<&'static str>)>,
    /// Helm releases in the notation of the manifest, each with its values.
    pub releases: Vec<(Value, Value)>,
}

pub fn scene(stacks: Vec<(&'static str, Value)>, objects: Vec<(&'static str, Value)>) -> Scene {
    let (bindings, graph) = (json!({}), json!({ "edges": [] }));
    Scene { stacks, objects, bindings, graph, needs: Vec::new(), releases: Vec::new() }
}

impl Scene {
    pub fn side(&self) -> Side {
        let template = |id: &str| format!("{id}.template.json");
        let stacks = self.stacks.iter().map(|(id, _)| {
            let needs = self.needs.iter().find(|(of, _)| of == id).map(|(_, needs)| needs.clone()).unwrap_or_default();
            json!({ "id": id, "name": format!("shop-{id}"), "account": null, "region": "eu-west-1",
                "template": template(id), "resources": {}, "needs": needs })
        });
        let releases: Vec<&Value> = self.releases.iter().map(|(release, _)| release).collect();
        let path = |wave: &str, idx: usize| format!("k8s/main/{wave}/{idx}.yaml");
        let objects: Vec<Value> =
            self.objects.iter().enumerate().map(|(idx, (wave, _))| json!({ "path": path(wave, idx) })).collect();
        let manifest = json!({
            "app": "shop", "stacks": stacks.collect::<Vec<_>>(), "files": [],
            "clusters": [{ "id": "main", "name": "main", "region": null, "objects": objects, "releases": releases }],
        });
        let manifest: Manifest = serde_json::from_value(manifest).unwrap();
        let mut side = Side::empty(String::new(), "shop");
        (side.manifest, side.bindings, side.graph) = (manifest, self.bindings.clone(), self.graph.to_string().into());
        for (id, document) in &self.stacks {
            set(&mut side, &template(id), document.clone());
        }
        for (idx, (wave, document)) in self.objects.iter().enumerate() {
            set(&mut side, &path(wave, idx), document.clone());
        }
        for (release, values) in &self.releases {
            set(&mut side, release["values"].as_str().unwrap(), values.clone());
        }
        side
    }
}

/// Adds a document to a side.
pub fn set(side: &mut Side, path: &str, value: Value) {
    side.add(path, value.to_string(), value);
}

pub fn diff(before: &Scene, after: &Scene) -> Diff {
    Diff::new(&before.side(), &after.side()).unwrap()
}

#[track_caller]
pub fn only(diff: &Diff) -> &Change {
    match diff.changes.as_slice() {
        [change] => change,
        changes => panic!("one change, not {changes:#?}"),
    }
}

pub fn hazards(diff: &Diff) -> String {
    diff.hazards.iter().map(|hazard| format!("{}\n", hazard.text)).collect()
}

/// Returns the verdict for an object whose value at a pointer changes.
fn verdict(before: &Value, pointer: &str, value: Value) -> Verdict {
    let mut after = before.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    after.pointer_mut(parent).unwrap()[key] = value;
    let found =
        diff(&scene(vec![], vec![("40-workloads", before.clone())]), &scene(vec![], vec![("40-workloads", after)]));
    only(&found).verdict
}

/// Each link is the documentation of the kind.
#[test]
fn classifies_object_changes_by_api_server_rules() {
    use Verdict::{DataLoss, InPlace, KubernetesImmutable, RolloutRestart};
    let object = |api: &str, kind: &str, rest: Value| {
        let mut object =
            json!({ "apiVersion": api, "kind": kind, "metadata": { "name": "a", "namespace": "n", "labels": {} } });
        object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        object
    };
    let pod =
        json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "containers": [{ "name": "c", "image": "i:1" }] } });
    let workload = |kind: &str| {
        object(
            "apps/v1",
            kind,
            json!({ "spec": { "replicas": 2, "selector": { "matchLabels": { "a": "b" } }, "template": pod } }),
        )
    };
    // https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
    let deployment = workload("Deployment");
    assert_eq!(verdict(&deployment, "/spec/replicas", json!(3)), InPlace);
    assert_eq!(verdict(&deployment, "/spec/template/spec/containers/0/image", json!("i:2")), RolloutRestart);
    assert_eq!(verdict(&deployment, "/spec/template/metadata/labels/x", json!("y")), RolloutRestart);
    assert_eq!(verdict(&deployment, "/spec/selector/matchLabels/a", json!("c")), KubernetesImmutable);
    assert_eq!(verdict(&deployment, "/metadata/labels/x", json!("y")), InPlace);
    assert_eq!(verdict(&deployment, "/spec/strategy", json!({ "type": "Recreate" })), InPlace);
    // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
    let stateful = workload("StatefulSet");
    assert_eq!(verdict(&stateful, "/spec/replicas", json!(3)), InPlace);
    assert_eq!(verdict(&stateful, "/spec/serviceName", json!("x")), KubernetesImmutable);
    assert_eq!(verdict(&stateful, "/spec/volumeClaimTemplates", json!([{}])), KubernetesImmutable);
    assert_eq!(verdict(&stateful, "/spec/template/spec/containers/0/image", json!("i:2")), RolloutRestart);
    assert_eq!(verdict(&stateful, "/spec/podManagementPolicy", json!("Parallel")), KubernetesImmutable);
    // https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
    let daemon = workload("DaemonSet");
    assert_eq!(verdict(&daemon, "/spec/template/spec/containers/0/image", json!("i:2")), RolloutRestart);
    assert_eq!(verdict(&daemon, "/spec/selector/matchLabels/a", json!("c")), KubernetesImmutable);
    // https://kubernetes.io/docs/concepts/workloads/controllers/job/
    let job = object("batch/v1", "Job", json!({ "spec": { "template": pod, "parallelism": 1 } }));
    assert_eq!(verdict(&job, "/spec/template/spec/containers/0/image", json!("i:2")), KubernetesImmutable);
    assert_eq!(verdict(&job, "/spec/parallelism", json!(2)), InPlace);
    // https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
    let cron = object("batch/v1", "CronJob", json!({ "spec": { "schedule": "0 3 * * *" } }));
    assert_eq!(verdict(&cron, "/spec/schedule", json!("0 4 * * *")), InPlace);
    // https://kubernetes.io/docs/concepts/services-networking/service/
    let service =
        object("v1", "Service", json!({ "spec": { "clusterIP": "None", "ports": [{ "name": "http", "port": 80 }] } }));
    assert_eq!(verdict(&service, "/spec/ports/0/port", json!(81)), InPlace);
    assert_eq!(verdict(&service, "/spec/clusterIP", json!("10.0.0.1")), KubernetesImmutable);
    assert_eq!(verdict(&service, "/spec/loadBalancerClass", json!("x")), KubernetesImmutable);
    // https://kubernetes.io/docs/concepts/storage/persistent-volumes/
    let claim = object(
        "v1",
        "PersistentVolumeClaim",
        json!({ "spec": { "storageClassName": "gp3", "resources": { "requests": { "storage": "1Gi" } } } }),
    );
    assert_eq!(verdict(&claim, "/spec/storageClassName", json!("io2")), DataLoss);
    assert_eq!(verdict(&claim, "/spec/resources/requests/storage", json!("2Gi")), InPlace);
    // https://kubernetes.io/docs/concepts/configuration/configmap/
    let config = object("v1", "ConfigMap", json!({ "data": { "a": "1" } }));
    assert_eq!(verdict(&config, "/data/a", json!("2")), InPlace);
    let fixed = object("v1", "ConfigMap", json!({ "immutable": true, "data": { "a": "1" } }));
    assert_eq!(verdict(&fixed, "/data/a", json!("2")), KubernetesImmutable);
    // https://kubernetes.io/docs/concepts/configuration/secret/
    let secret = object("v1", "Secret", json!({ "type": "Opaque" }));
    assert_eq!(verdict(&secret, "/type", json!("kubernetes.io/tls")), KubernetesImmutable);
    // https://kubernetes.io/docs/reference/access-authn-authz/rbac/
    let binding =
        object("rbac.authorization.k8s.io/v1", "RoleBinding", json!({ "roleRef": { "name": "a" }, "subjects": [] }));
    assert_eq!(verdict(&binding, "/roleRef/name", json!("b")), KubernetesImmutable);
    assert_eq!(verdict(&binding, "/subjects", json!([{ "kind": "User", "name": "x" }])), InPlace);
    // https://kubernetes.io/docs/concepts/storage/storage-classes/
    let class =
        object("storage.k8s.io/v1", "StorageClass", json!({ "provisioner": "a", "allowVolumeExpansion": false }));
    assert_eq!(verdict(&class, "/provisioner", json!("b")), KubernetesImmutable);
    assert_eq!(verdict(&class, "/allowVolumeExpansion", json!(true)), InPlace);
    // https://istio.io/latest/docs/reference/config/networking/virtual-service/
    let route = object("networking.istio.io/v1", "VirtualService", json!({ "spec": { "hosts": ["a"] } }));
    assert_eq!(verdict(&route, "/spec/hosts", json!(["b"])), InPlace);
    // https://argo-rollouts.readthedocs.io/en/stable/features/specification/
    let rollout = object("argoproj.io/v1alpha1", "Rollout", json!({ "spec": { "template": pod } }));
    assert_eq!(verdict(&rollout, "/spec/template/spec/containers/0/image", json!("i:2")), RolloutRestart);
}

fn database(name: &str) -> Value {
    json!({ "Type": "AWS::RDS::DBInstance", "Properties": { "DBName": name, "Engine": "postgres" } })
}

#[test]
fn replacement_propagates_to_stacks_manifests_and_callers() {
    let platform = |name: &str| {
        let data = json!({
            "Resources": { "Db": database(name) },
            "Outputs": { "Host": { "Value": { "Fn::GetAtt": ["Db", "Endpoint.Address"] }, "Export": { "Name": "shop-data:Host" } } },
        });
        let services = json!({ "Resources": {
            "Url": { "Type": "AWS::SSM::Parameter", "Properties": { "Value": { "Fn::ImportValue": "shop-data:Host" } } },
            "Fixed": { "Type": "AWS::Logs::LogGroup", "Properties": { "LogGroupName": { "Fn::ImportValue": "shop-data:Host" } } },
        } });
        let object = |kind: &str, name: &str, rest: Value| {
            let mut object =
                json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": name, "namespace": "n" } });
            object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            object
        };
        let config = object("ConfigMap", "orders-config", json!({ "data": { "HOST": "${data/db.Endpoint.Address}" } }));
        let container = json!({ "name": "c", "envFrom": [{ "configMapRef": { "name": "orders-config" } }] });
        let orders = object(
            "Deployment",
            "orders",
            json!({ "spec": { "template": { "spec": { "containers": [container] } } } }),
        );
        let mut scene = scene(
            vec![("data", data), ("services", services)],
            vec![("30-configuration", config), ("40-workloads", orders)],
        );
        scene.bindings = json!({ "${data/db.Endpoint.Address}": { "stack": "data", "output": "Host" } });
        scene.graph = json!({ "edges": [
            { "from": "n/orders", "to": "Db", "kind": "data", "port": 5432 },
            { "from": "n/web", "to": "n/orders", "kind": "call", "port": 80 },
            { "from": "n/other", "to": "n/else", "kind": "call", "port": 80 },
        ] });
        scene
    };
    let found = diff(&platform("a"), &platform("b"));
    let of = |id: &str| found.changes.iter().find(|change| change.id == id).unwrap();
    assert_eq!(of("Db").verdict, Verdict::DataLoss);
    assert_eq!(of("Url").verdict, Verdict::InPlace);
    assert_eq!(of("Fixed").verdict, Verdict::DataLoss);
    let affected = of("Db").affected.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    for words in ["Url (in place)", "ConfigMap n/orders-config (in place)", "Deployment n/orders (rollout restart)"] {
        assert!(affected.contains(words), "{affected}");
    }
    assert_eq!(of("Db").impact, ["orders", "web"]);
    assert!(
        hazards(&found).contains("export `shop-data:Host` of stack `data` gets a new value"),
        "{}",
        hazards(&found)
    );
    assert!(found.picture.nodes.iter().all(|node| node.path != "n/else"));
}

#[test]
fn moved_resource_is_renamed_with_a_mapping() {
    let before =
        scene(vec![("a", json!({ "Resources": { "Old": database("x") } })), ("b", json!({ "Resources": {} }))], vec![]);
    let after =
        scene(vec![("a", json!({ "Resources": {} })), ("b", json!({ "Resources": { "New": database("x") } }))], vec![]);
    let found = diff(&before, &after);
    assert_eq!(only(&found).verdict, Verdict::Rename);
    assert!(hazards(&found).contains("1 resource of stack `shop-a` are now in stack `shop-b`"));
    let mapping = refactor::mapping(std::iter::once(&found));
    assert_eq!(
        mapping,
        json!([{ "Source": { "StackName": "shop-a", "LogicalResourceId": "Old" }, "Destination": { "StackName": "shop-b", "LogicalResourceId": "New" } }])
    );
}

#[test]
fn import_and_stack_output_function_are_the_same_reference() {
    let network = json!({ "Resources": { "Vpc": { "Type": "AWS::EC2::VPC" } }, "Outputs": {
        "Id": { "Value": { "Ref": "Vpc" }, "Export": { "Name": "vpc" } } } });
    let group = |vpc: Value| json!({ "Resources": { "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "VpcId": vpc } } } });
    let with = |vpc: Value| scene(vec![("network", network.clone()), ("data", group(vpc))], vec![]);
    let strong = with(json!({ "Fn::ImportValue": "vpc" }));
    let weak = with(json!({ "Fn::GetStackOutput": { "StackName": "shop-network", "OutputName": "Id" } }));
    assert!(diff(&strong, &weak).changes.is_empty());
}

#[test]
fn reports_version_kind_subnet_and_quota_hazards() {
    let of = |type_name: &str, properties: Value| {
        scene(vec![("a", json!({ "Resources": { "It": { "Type": type_name, "Properties": properties } } }))], vec![])
    };
    let cluster = |version: &str| of("AWS::EKS::Cluster", json!({ "Version": version }));
    assert!(hazards(&diff(&cluster("1.33"), &cluster("1.35"))).contains("one minor version at a time"));
    assert_eq!(hazards(&diff(&cluster("1.34"), &cluster("1.35"))), "");
    let postgres =
        |version: &str| of("AWS::RDS::DBInstance", json!({ "Engine": "postgres", "EngineVersion": version }));
    assert!(hazards(&diff(&postgres("16.4"), &postgres("17.1"))).contains("major upgrade of postgres"));
    assert!(hazards(&diff(&postgres("17.1"), &postgres("16.4"))).contains("which RDS rejects"));
    assert_eq!(hazards(&diff(&postgres("17.1"), &postgres("17.2"))), "");
    // A custom object and its kind, in one wave and in two.
    let kind = json!({ "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": "things.example.com" }, "spec": { "group": "example.com", "names": { "kind": "Thing" } } });
    let thing =
        json!({ "apiVersion": "example.com/v1", "kind": "Thing", "metadata": { "name": "one", "namespace": "n" } });
    let both = |wave: &'static str| scene(vec![], vec![(wave, kind.clone()), ("40-things", thing.clone())]);
    let nothing = scene(vec![], vec![]);
    assert!(
        hazards(&diff(&nothing, &both("40-things"))).contains("`Thing` `one` of `main` is applied before its kind")
    );
    assert_eq!(hazards(&diff(&nothing, &both("10-kinds"))), "");
    let alone = scene(vec![], vec![("40-things", thing.clone())]);
    assert!(hazards(&diff(&both("10-kinds"), &alone)).contains(
        "kind `Thing` of `main` is deleted, but its object `one` \
             is kept"
    ));
    // A load balancer leaves the subnet in the same deployment.
    let network = |subnets: &[&str]| {
        let mut resources = json!({ "Balancer": { "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {
            "Subnets": subnets.iter().map(|id| json!({ "Ref": id })).collect::<Vec<_>>() } } });
        for id in subnets {
            resources[*id] = json!({ "Type": "AWS::EC2::Subnet", "Properties": { "CidrBlock": id } });
        }
        scene(vec![("a", json!({ "Resources": resources }))], vec![])
    };
    let text = hazards(&diff(&network(&["A", "B"]), &network(&["A"])));
    assert!(text.contains("subnet `B` is deleted, but `Balancer` has network interfaces in it"), "{text}");
    assert_eq!(hazards(&diff(&network(&["A"]), &network(&["A", "B"]))), "");
    let addresses = |n: usize| {
        let rows = (0..n)
            .map(|idx| (format!("Ip{idx}"), json!({ "Type": "AWS::EC2::EIP", "Properties": { "Domain": "vpc" } })));
        scene(vec![("a", json!({ "Resources": rows.collect::<serde_json::Map<_, _>>() }))], vec![])
    };
    assert!(hazards(&diff(&addresses(5), &addresses(6))).contains("eu-west-1 has 6 `AWS::EC2::EIP`"));
    assert_eq!(hazards(&diff(&addresses(4), &addresses(5))), "");
}

/// Returns the access report of one resource: `+` for wider access, `!` for wider access of strangers.
fn access(before: Value, after: Value) -> Vec<String> {
    let of = |resource: Value| scene(vec![("a", json!({ "Resources": { "It": resource } }))], vec![]);
    let found = diff(&of(before), &of(after));
    let sign = |row: &Access| {
        if row.stranger {
            "!"
        } else if row.widened {
            "+"
        } else {
            "-"
        }
    };
    found.access.iter().map(|row| format!("{} {}", sign(row), row.text)).collect()
}

#[test]
fn describes_access_in_words() {
    let group = |cidrs: &[&str]| {
        let rules: Vec<Value> = cidrs
            .iter()
            .map(|cidr| json!({ "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": cidr }))
            .collect();
        json!({ "Type": "AWS::EC2::SecurityGroup", "Properties": { "SecurityGroupIngress": rules } })
    };
    assert_eq!(access(group(&[]), group(&["0.0.0.0/0"])), ["! port 5432 of `It` opens to `0.0.0.0/0`"]);
    // The new block is within a block that was open before.
    assert_eq!(access(group(&["10.0.0.0/8"]), group(&["10.0.0.0/8", "10.1.0.0/16"])), [""; 0]);
    assert_eq!(
        access(group(&["10.0.0.0/8"]), group(&["10.1.0.0/16"])),
        ["- port 5432 of `It` closes to `10.0.0.0/8` except `10.1.0.0/16`"]
    );
    let policy = |action: Value, on: &str| {
        let statement = json!([{ "Effect": "Allow", "Action": action, "Resource": on }]);
        json!({ "Type": "AWS::IAM::Role", "Properties": { "Policies": [{ "PolicyDocument": { "Statement": statement } }] } })
    };
    let topic = "arn:aws:kafka:eu-west-1:111122223333:topic/shop/uuid/payments";
    assert_eq!(
        access(
            policy(json!(["kafka-cluster:ReadData"]), topic),
            policy(json!(["kafka-cluster:ReadData", "kafka-cluster:WriteData"]), topic)
        ),
        ["+ `It` may now write topic `payments`"]
    );
    assert_eq!(access(policy(json!("s3:*"), "*"), policy(json!(["s3:*", "s3:GetObject"]), "*")), [""; 0]);
    let bucket = |principal: &str| {
        let statement = json!([{ "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*" }]);
        json!({ "Type": "AWS::S3::BucketPolicy", "Properties": { "Bucket": "x", "PolicyDocument": { "Statement": statement } } })
    };
    let rows = access(bucket("arn:aws:iam::111122223333:role/a"), bucket("*"));
    assert!(rows[0].starts_with("! anyone may now read objects of"), "{rows:?}");
}

#[test]
fn group_without_reachable_peers_gives_no_access() {
    let group =
        |rules: Value| json!({ "Type": "AWS::EC2::SecurityGroup", "Properties": { "SecurityGroupEgress": rules } });
    let nowhere = json!({ "IpProtocol": "icmp", "FromPort": 252, "ToPort": 86, "CidrIp": "127.0.0.1/32" });
    assert_eq!(access(group(json!([nowhere])), group(json!([nowhere]))), [""; 0]);
    assert_eq!(
        access(group(json!([])), group(json!([nowhere]))),
        ["- `It` may no longer reach every address on all traffic"]
    );
}

#[test]
fn describes_the_root_user_as_the_account_of_the_stack() {
    let key = |action: &str| {
        let root = json!({ "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" });
        let statement = json!([{ "Effect": "Allow", "Principal": { "AWS": root }, "Action": action, "Resource": "*" }]);
        json!({ "Type": "AWS::KMS::Key", "Properties": { "KeyPolicy": { "Statement": statement } } })
    };
    let rows = access(key("kms:DescribeKey"), key("kms:*"));
    assert!(rows.iter().any(|row| row.starts_with("+ the account of the stack may now")), "{rows:?}");
}

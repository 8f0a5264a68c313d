//! Identity and resource policies in templates.

use meshsynth_access::iam::{Document, permission};
use meshsynth_access::sets::{Cube, Dimension, Region, Set};
use meshsynth_facts::{self as facts, resources::Identity};
use serde_json::{Value, json};

use super::names::{Names, short};
use super::subjects::{Attached, Collected, Topic};

/// Adds the policies in a resource.
pub(super) fn collect(names: &Names, id: &str, resource: &Value, found: &mut Collected) {
    let at = names.construct(id);
    let type_name = resource["Type"].as_str().unwrap_or_default();
    let properties = &resource["Properties"];
    let identity = facts::resource(type_name).identity;
    match type_name {
        _ if identity == Some(Identity::Principal) => {
            let who = person(&at);
            let properties = names.resolve(properties);
            if let Some(document) = Document::parse(&properties["AssumeRolePolicyDocument"]) {
                found.pieces(Topic::Trust, who, &at).documents.push(document);
            }
            let pieces = found.pieces(Topic::Identity, who, &at);
            for policy in items(&properties["Policies"]) {
                pieces.policies.extend(Document::parse(&policy["PolicyDocument"]).map(Attached::Document));
            }
            let arns = items(&properties["ManagedPolicyArns"]).iter().filter_map(|it| it.as_str());
            pieces.policies.extend(arns.map(|arn| Attached::Named(arn.to_owned())));
            let boundary = properties["PermissionsBoundary"].as_str();
            pieces.boundary = boundary.map(|arn| Attached::Named(arn.to_owned()));
        }
        _ if identity == Some(Identity::Policy) => {
            attach(names, &at, properties, found);
            // Other identities refer to a managed policy by its ARN.
            if type_name == "AWS::IAM::ManagedPolicy"
                && let Some(document) = Document::parse(&names.resolve(&properties["PolicyDocument"]))
            {
                found.managed.insert(format!("${{{at}}}"), document);
            }
        }
        "AWS::SSO::PermissionSet" => {
            let properties = names.resolve(properties);
            let pieces = found.pieces(Topic::Identity, &at, &at);
            pieces.policies.extend(Document::parse(&properties["InlinePolicy"]).map(Attached::Document));
            let arns = items(&properties["ManagedPolicies"]).iter().filter_map(|it| it.as_str());
            pieces.policies.extend(arns.map(|arn| Attached::Named(arn.to_owned())));
            let boundary = properties["PermissionsBoundary"]["ManagedPolicyArn"].as_str();
            pieces.boundary = boundary.map(|arn| Attached::Named(arn.to_owned()));
        }
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => {
            let document = Document::parse(&names.resolve(&properties["KeyPolicy"]));
            found.pieces(Topic::KeyPolicy, &at, &at).documents.extend(document);
        }
        "AWS::EC2::VPCEndpoint" => {
            let document = Document::parse(&names.resolve(&properties["PolicyDocument"]));
            found.pieces(Topic::Endpoint, &at, &at).documents.extend(document);
        }
        "AWS::Lambda::Permission" => {
            let subject = names.thing(&properties["FunctionName"]);
            let document = permission(&names.resolve(properties));
            found.pieces(Topic::Policy, &subject, &at).documents.push(document);
        }
        "AWS::EKS::AccessEntry" => entry(names, &at, properties, found),
        "AWS::EKS::PodIdentityAssociation" => {
            let text = |key: &str| names.text(&properties[key]);
            let role = person(&names.thing(&properties["RoleArn"])).to_owned();
            let pods = Set::literal(&format!("{}/{}", text("Namespace"), text("ServiceAccount")));
            let region = Region::from(Cube::new().with(Dimension::Principal, pods));
            found.pieces(Topic::PodIdentity, &role, &at).regions.push(region);
        }
        _ => {
            let subjects = match target(type_name) {
                Some(key) if !properties[key].is_null() => {
                    items(&properties[key]).iter().map(|it| names.thing(it)).collect()
                }
                _ => vec![at.clone()],
            };
            let mut documents: Vec<Document> = Vec::new();
            if let ("AWS::Events::EventBusPolicy", Some(statement)) = (type_name, properties.get("Statement")) {
                documents.extend(Document::parse(&names.resolve(&json!({ "Statement": statement }))));
            } else {
                documents_in(names, properties, &mut documents);
            }
            // SAM functions, IoT policies and custom resources attach such documents to an identity, such as a role or
            // certificate.
            let of_holder = |it: &mut Document| target(type_name).is_none() && !it.names_principal();
            let held: Vec<Document> = documents.extract_if(.., of_holder).collect();
            if !held.is_empty() {
                found.pieces(Topic::Identity, &at, &at).policies.extend(held.into_iter().map(Attached::Document));
            }
            for subject in subjects.iter().filter(|_| !documents.is_empty()) {
                found.pieces(Topic::Policy, subject, &at).documents.extend(documents.clone());
            }
        }
    }
}

/// Returns the property that names the target of a resource policy.
fn target(type_name: &str) -> Option<&'static str> {
    facts::resource(type_name).policy.map(|it| it.of).filter(|it| !it.is_empty())
}

/// Adds a policy to each identity that it names.
fn attach(names: &Names, at: &str, properties: &Value, found: &mut Collected) {
    let Some(document) = Document::parse(&names.resolve(&properties["PolicyDocument"])) else { return };
    let keys = ["Roles", "RoleName", "Users", "UserName", "Groups", "GroupName"];
    for who in keys.iter().flat_map(|key| items(&properties[*key])) {
        let who = names.thing(who);
        found.pieces(Topic::Identity, person(&who), at).policies.push(Attached::Document(document.clone()));
    }
}

/// Adds every policy document in the properties of a resource, at any depth.
fn documents_in(names: &Names, value: &Value, found: &mut Vec<Document>) {
    match value {
        // The `Statement` of a web ACL rule is not a policy statement.
        Value::Object(map)
            if map.get("Statement").is_some_and(|it| items(it).iter().any(|it| !it["Effect"].is_null())) =>
        {
            found.extend(Document::parse(&names.resolve(value)));
        }
        Value::Object(map) if map.contains_key("Fn::Sub") || map.contains_key("Fn::Join") => {
            found.extend(Document::parse(&Value::String(names.text(value))));
        }
        Value::Object(map) => map.values().for_each(|value| documents_in(names, value, found)),
        Value::Array(items) => items.iter().for_each(|value| documents_in(names, value, found)),
        Value::String(text) if text.trim_start().starts_with('{') => found.extend(Document::parse(value)),
        _ => {}
    }
}

/// Adds the grants of an EKS access entry: access policies and Kubernetes groups.
fn entry(names: &Names, at: &str, properties: &Value, found: &mut Collected) {
    let who = short(&names.text(&properties["PrincipalArn"]));
    let mut regions = Vec::new();
    for policy in items(&properties["AccessPolicies"]) {
        let name = names.text(&policy["PolicyArn"]);
        let name = name.rsplit('/').next().unwrap_or_default();
        let mut cube = Cube::new().with(Dimension::Resource, Set::literal(name));
        if policy["AccessScope"]["Type"] == "namespace" {
            let namespaces: Vec<String> =
                items(&policy["AccessScope"]["Namespaces"]).iter().map(|it| names.text(it)).collect();
            cube = cube.with(Dimension::Namespace, Set::literals(namespaces.iter().map(String::as_str)));
        }
        regions.push(Region::from(cube));
    }
    for group in items(&properties["KubernetesGroups"]) {
        regions.push(Cube::new().with(Dimension::Principal, Set::literal(&names.text(group))).into());
    }
    let cluster = names.thing(&properties["ClusterName"]);
    found.pieces(Topic::Entry, &format!("{cluster} {who}"), at).regions.extend(regions);
}

/// Returns `services/order` for `services/order/role`.
pub(super) fn person(construct: &str) -> &str {
    construct.trim_end_matches("/role").trim_end_matches("/policy")
}

/// Returns the items of a list, or a single value as a list with one item.
pub(super) fn items(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(items) => items,
        other => std::slice::from_ref(other),
    }
}

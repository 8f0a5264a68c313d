use meshsynth::World;
use meshsynth::diag::{Diagnostic, Severity};

use super::{Cluster, DEFERRED, Object, Policies, Resource, Stack, Subjects, resolved};
use crate::expressions::Tree;
use crate::yaml;

/// Reads the policies of one file.
fn policies(text: &str) -> Policies {
    let mut policies = Policies::default();
    policies.take("policies.yaml", text);
    policies
}

/// Reads the objects of one file as one cluster.
fn objects(text: &str) -> Subjects {
    let object = |document: yaml::Marked| {
        let place = meshsynth::diag::Place { file: "app.yaml".to_owned(), line: document.line, column: 1 };
        let tree = Tree::from_data(&document.data(), DEFERRED);
        let construct = tree.text("metadata.name").unwrap_or_default().to_owned();
        Object { tree, place, construct, document: Some(document) }
    };
    let objects = yaml::read(text).unwrap().into_iter().map(object).collect();
    Subjects { clusters: vec![Cluster { namespace: "default".to_owned(), objects }], stacks: Vec::new() }
}

/// Returns findings as severity and message.
fn told(found: &[Diagnostic]) -> Vec<String> {
    found.iter().map(|it| format!("{} {}: {}", it.severity.word(), it.construct, it.message)).collect()
}

/// Returns a policy for Deployments with its binding.
fn policy(spec: &str, binding: &str) -> String {
    format!(
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {{ name: replicas }}\nspec:\n\
         \x20 matchConstraints:\n    resourceRules:\n    - {{ apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments] }}\n\
         {spec}---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {{ name: everywhere }}\n\
         spec: {{ policyName: replicas{binding} }}\n"
    )
}

const DENY: &str = ", validationActions: [Deny]";

fn deployment(spec: &str) -> String {
    format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: orders, namespace: shop }}\nspec: {spec}\n")
}

#[test]
fn policy_sees_object_with_defaults() {
    let policies =
        policies(&policy("  validations:\n  - { expression: object.spec.replicas > 1, message: too few }\n", DENY));
    let found = policies.judge(&objects(&deployment("{}")), World::Open);
    assert_eq!(told(&found), ["error orders: the policy `replicas` denies the object: too few"]);
    assert_eq!((found[0].code, found[0].place.as_ref().unwrap().to_string().as_str()), ("MS0127", "app.yaml:1:1"));
    let notes: Vec<String> = found[0].notes.iter().map(|note| note.text.clone()).collect();
    assert_eq!(notes, ["the policy is defined here", "the binding `everywhere` enforces the policy"]);
    assert_eq!(found[0].notes[0].place.as_ref().unwrap().to_string(), "policies.yaml:9:7");
    assert!(policies.judge(&objects(&deployment("{ replicas: 2 }")), World::Open).is_empty());
}

#[test]
fn deployment_value_is_a_note() {
    let policies = policies(&policy(
        "  validations:\n  - expression: object.spec.template.spec.serviceAccountName == 'orders'\n",
        DENY,
    ));
    let of = |name: &str| {
        let template = format!("{{ template: {{ spec: {{ serviceAccountName: {name}, containers: [] }} }} }}");
        told(&policies.judge(&objects(&deployment(&template)), World::Open))
    };
    assert_eq!(
        of("\"${data/orders.Name}\""),
        ["note orders: the policy `replicas` cannot be evaluated: it requires a value that is known only at \
             deployment"]
    );
    assert_eq!(of("orders"), [""; 0]);
}

#[test]
fn defined_variable_exists() {
    let spec = "  variables:\n  - { name: pod, expression: object.spec.template.spec }\n\
                \x20 validations:\n  - { expression: 'has(variables.pod) && !has(variables.pod.hostNetwork)' }\n";
    let policies = policies(&policy(spec, DENY));
    assert_eq!(told(&policies.judge(&objects(&deployment("{}")), World::Open)), [""; 0]);
}

#[test]
fn evaluates_policies_among_manifests() {
    let manifests = format!(
        "{}---\n{}",
        policy("  validations:\n  - { expression: object.spec.replicas > 1 }\n", ", validationActions: [Warn]"),
        deployment("{}")
    );
    let found = Policies::default().judge(&objects(&manifests), World::Open);
    assert_eq!(
        told(&found),
        ["warning orders: the policy `replicas` denies the object: failed expression: object.spec.replicas > 1"]
    );
}

#[test]
fn annotation_sets_code_of_policy() {
    let text = policy("  validations:\n  - { expression: 'false' }\n", DENY);
    let annotated =
        text.replacen("{ name: replicas }", "{ name: replicas, annotations: { meshsynth.dev/code: ACME007 } }", 1);
    assert_eq!(policies(&annotated).judge(&objects(&deployment("{}")), World::Open)[0].code, "ACME007");
}

#[test]
fn reports_invalid_policy_without_evaluation() {
    let of = |text: &str| {
        let policies = policies(text);
        assert!(policies.judge(&objects(&deployment("{}")), World::Open).is_empty());
        let line = |it: &Diagnostic| format!("{}: {}", it.place.as_ref().unwrap().line, it.message);
        policies.wrong().iter().map(line).collect::<Vec<_>>()
    };
    let validation = |expression: &str| policy(&format!("  validations:\n  - expression: {expression}\n"), DENY);
    assert_eq!(
        of(&validation("objct.spec.replicas > 1")),
        ["9: `spec.validations[0].expression` uses an undefined variable: `objct`"]
    );
    assert_eq!(
        of(&validation("params.a")),
        ["9: `spec.validations[0].expression` uses an undefined variable: `params`"]
    );
    assert!(
        of(&validation("'object.spec >'"))[0].starts_with("9: `spec.validations[0].expression` is not valid CEL: ")
    );
    let misspelt = of(&validation("'true'").replace("  validations", "  validationz"));
    assert!(misspelt.iter().any(|line| line.starts_with("8: ")), "{misspelt:?}");
    assert_eq!(of("a: [\n").len(), 1);
    assert_eq!(of("kind: Policy\n"), ["1: `apiVersion` is missing in a document"]);
}

#[test]
fn unknown_function_is_a_note() {
    let policies = policies(&policy("  validations:\n  - { expression: object.spec.frobnicate() }\n", DENY));
    assert!(policies.wrong().is_empty(), "{:?}", policies.wrong());
    let found = policies.judge(&objects(&deployment("{}")), World::Open);
    assert!(found.iter().all(|it| it.severity == Severity::Note) && !found.is_empty(), "{found:?}");
}

/// A policy for buckets.
const BUCKETS: &str = "\
apiVersion: meshsynth.dev/v1
kind: Policy
metadata: { name: encrypted-buckets }
spec:
  code: ACME010
  types: [AWS::S3::Bucket]
  when: stack.region.startsWith('eu-')
  require: has(properties.BucketEncryption)
  message: the bucket is not encrypted
  messageExpression: \"logicalId + ' of ' + stack.name + ' is not encrypted'\"
  help: add `encryption`
";

fn stack(region: Option<&str>, properties: Tree) -> Subjects {
    let mut stack = Stack { name: "data".to_owned(), region: region.map(str::to_owned), ..Stack::default() };
    let body = Tree::from([("Type", Tree::from("AWS::S3::Bucket")), ("Properties", properties)]);
    stack.resources.push(Resource {
        logical_id: "Archive".to_owned(),
        type_name: "AWS::S3::Bucket".to_owned(),
        body: resolved(&body, &stack).unwrap(),
        place: meshsynth::diag::Place { file: "data.yaml".to_owned(), line: 3, column: 3 },
        construct: "data/Archive".to_owned(),
    });
    Subjects { clusters: Vec::new(), stacks: vec![stack] }
}

#[test]
fn evaluates_policy_for_cloudformation_resources() {
    let policies = policies(BUCKETS);
    assert!(policies.wrong().is_empty(), "{:?}", policies.wrong());
    let of = |region: Option<&str>, properties: Tree| told(&policies.judge(&stack(region, properties), World::Open));
    let encrypted = Tree::from([("BucketEncryption", Tree::from([("Ref", Tree::from("Encryption"))]))]);
    let found = policies.judge(&stack(Some("eu-west-1"), Tree::empty()), World::Open);
    assert_eq!(told(&found), ["error data/Archive: Archive of data is not encrypted"]);
    assert_eq!((found[0].code, found[0].help.as_deref()), ("ACME010", Some("add `encryption`")));
    assert_eq!(of(Some("eu-west-1"), encrypted), [""; 0]);
    assert_eq!(of(Some("us-east-1"), Tree::empty()), [""; 0]);
    assert!(
        of(None, Tree::empty())[0].starts_with(
            "note data/Archive: the policy `encrypted-buckets` cannot be evaluated: it requires the region"
        )
    );
}

#[test]
fn suggests_nearest_name_for_unknown_words() {
    let of = |from: &str, to: &str| {
        let text = BUCKETS.replacen(from, to, 1);
        let policies = policies(&text);
        let line = |it: &Diagnostic| {
            format!("{}: {}: {}", it.place.as_ref().unwrap().line, it.message, it.help.as_deref().unwrap_or(""))
        };
        policies.wrong().iter().map(line).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        of("require:", "requires:"),
        "4: the policy has no `spec.require`: write a condition, such as `has(properties.BucketEncryption)`\n8: \
         unknown field `spec.requires`: did you mean `require`?"
    );
    assert_eq!(of("  code: ACME010", "  code: acme10").lines().count(), 1);
    assert!(of("AWS::S3::Bucket", "AWS::S3::Buckets").contains("did you mean `AWS::S3::Bucket`?"));
    assert!(of("properties.Bu", "props.Bu").contains("uses an undefined variable: `props`"));
}

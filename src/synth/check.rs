//! Checks the shape of each resource and object against the vendor's schema.

use crate::diag::Diagnostic;
use crate::facts::{self, Problem};
use crate::node::{Kind, Object, Stack};
use crate::tree::NodeId;
use crate::val::{Bag, Data, Deferred};

use super::definitions::Definitions;
use super::{Model, wire};

/// Reports every property that the vendor would reject.
pub(super) fn shapes(model: &Model) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let out = &mut diagnostics;
    let is_list = |value: &Deferred| wire::is_list(model, value);
    let definitions = Definitions::of(model);
    for (id, node) in model.nodes() {
        match &node.kind {
            Kind::Resource(resource) => {
                // A macro can change the properties during deployment, so its output is unknown.
                let stack = model.stack_of(id).map(|stack| model.stack(stack));
                let has_macro = stack.is_some_and(Stack::has_macro);
                if let Some(facts) = model.facts(id).filter(|_| !has_macro) {
                    let problems = match stack.is_some_and(|stack| stack.is_adopted) {
                        true => facts.shape.check_template(&resource.props, &is_list),
                        false => facts.shape.check_bag_with(&resource.props, &is_list),
                    };
                    out.extend(problems.into_iter().map(|it| problem(model, id, "MS0105", &resource.type_name, it)));
                }
            }
            Kind::Object(object) => {
                placed(model, id, object, out);
                no_secret(model, id, &object.body, out);
                let known = facts::kubernetes_shape(&object.api_version, &object.kind);
                if let Some(shape) = known.or_else(|| definitions.get(&object.api_version, &object.kind)) {
                    let mut problems = shape.check_bag_with(&object.body, &is_list);
                    // Imported manifests may contain `null` for unset fields.
                    problems.retain(|it| !model.is_open || at(object, &it.path) != Some(&Data::Null));
                    out.extend(problems.into_iter().map(|it| match is_experimental(object, &it) {
                        true if model.is_open => experimental(model, id, &object.kind, &it.path),
                        _ => problem(model, id, "MS0106", &object.kind, it),
                    }));
                }
            }
            Kind::Release(release) => no_secret(model, id, &release.values, out),
            Kind::Stack(stack) => {
                for (name, _) in stack.outputs.iter().filter(|(_, value)| matches!(value, Data::Secret(_))) {
                    out.push(
                        model
                            .error(id, "MS0112", format!("the output `{name}` contains a secret"))
                            .help("output the ARN of the secret: `secret.arn()`"),
                    );
                }
            }
            _ => {}
        }
    }
    diagnostics
}

/// Reports secrets in manifests, which are plain text.
fn no_secret(model: &Model, id: NodeId, body: &Bag, out: &mut Vec<Diagnostic>) {
    fn holds(data: &Data) -> bool {
        match data {
            Data::Secret(_) => true,
            Data::List(items) => items.iter().any(holds),
            Data::Map(bag) => bag.iter().any(|(_, data)| holds(data)),
            _ => false,
        }
    }
    if body.iter().any(|(_, data)| holds(data)) {
        out.push(
            model
                .error(id, "MS0112", "the manifest would contain a secret in plain text")
                .help("use `env_secret`, which refers to the secret in Secrets Manager"),
        );
    }
}

fn problem(model: &Model, id: NodeId, code: &'static str, of: &str, problem: Problem) -> Diagnostic {
    let Problem { path, message, help } = problem;
    let diagnostic = match path.is_empty() {
        true => model.error(id, code, format!("{of}: {message}")),
        false => model.error(id, code, format!("`{path}` of {of}: {message}")).field(path),
    };
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// Whether the problem is a field that exists only in the experimental channel of the Gateway API.
fn is_experimental(object: &Object, problem: &Problem) -> bool {
    let value = at(object, &problem.path);
    facts::is_experimental(&object.api_version, &object.kind, &problem.path, value.and_then(Data::as_str))
}

/// Returns the value at a path such as `spec.listeners[0].name`.
fn at<'a>(object: &'a Object, path: &str) -> Option<&'a Data> {
    object.body.at(&path.replace('[', ".").replace(']', ""))
}

/// Warns about an experimental field. It is not an error, because manifests do not specify the channel that is
/// installed.
fn experimental(model: &Model, id: NodeId, kind: &str, path: &str) -> Diagnostic {
    let message = format!("`{path}` of {kind} exists only in the experimental channel of the Gateway API");
    model.warning(id, "MS0106", message).field(path).help(
        "install the definitions of the experimental channel, or remove the field, which the standard channel drops or rejects",
    )
}

/// Reports an object without a cluster, and a namespaced object without a namespace.
fn placed(model: &Model, id: NodeId, object: &Object, out: &mut Vec<Diagnostic>) {
    if model.target_of(id).is_none() {
        out.push(
            model
                .error(id, "MS0103", format!("`{}` `{}` is not in a cluster", object.kind, object.name))
                .help("define it in a cluster, or in a construct of a cluster"),
        );
    }
    if object.namespaced && object.namespace.is_none() {
        out.push(
            model
                .error(id, "MS0103", format!("`{}` `{}` has no namespace", object.kind, object.name))
                .help("define it in a namespace, or call `in_namespace`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::intrinsic::untyped;
    use crate::testing::{codes, stack};
    use crate::val::{Bag, Data};
    use crate::{App, Stack, cfn};

    fn function(app: &App) -> (Stack, cfn::lambda::Function) {
        (stack(app, "run"), cfn::lambda::Function::new(untyped("src/"), "arn:aws:iam::123456789012:role/run"))
    }

    #[test]
    fn accepts_unpackaged_code_in_adopted_template() {
        let found = |is_adopted: bool| {
            codes(|app| {
                let (stack, function) = function(app);
                if is_adopted {
                    stack.adopt("legacy");
                }
                function.handler("a.b").runtime(untyped("python3.13")).define(&stack, "f").logical_id("F");
            })
        };
        assert_eq!(found(true), [""; 0]);
        assert_eq!(found(false), ["MS0105"]);
    }

    #[test]
    fn writes_separate_files_for_kinds_with_same_name() {
        let app = App::new("shop");
        let cluster = crate::KubernetesCluster::new(&app, "c", "c", "1.36");
        crate::kube::istio::Gateway::new().define(&cluster, "a", "web").in_namespace("shop");
        let listener = crate::kube::gateway::gateway::Listener::new("http", 80, "HTTP");
        let spec = crate::kube::gateway::gateway::Spec::new("istio", [listener]);
        crate::kube::gateway::Gateway::new(spec).define(&cluster, "b", "web").in_namespace("shop");
        let files = app.synth().expect("it synthesizes").files;
        let written: Vec<&String> = files.keys().filter(|path| path.contains("web.yaml")).collect();
        assert_eq!(written.len(), 2, "{written:?}");
        assert!(written.iter().any(|path| path.ends_with("gateway.networking.istio.io-web.yaml")), "{written:?}");
    }

    #[test]
    fn skips_checks_of_macro_input() {
        let found = |transform: Data| {
            codes(|app| {
                let (stack, function) = function(app);
                stack.section("Transform", transform);
                function.raw("Sauce", 1).define(&stack, "f");
                stack.entry("Resources", "Fn::ForEach::Topics", Bag::default());
            })
        };
        assert_eq!(found("Mine".into()), [""; 0]);
        assert_eq!(found("AWS::LanguageExtensions".into()), ["MS0105", "MS0105"]);
    }
}

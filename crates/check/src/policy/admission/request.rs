//! The request that creates an object, as far as it is known offline.

use meshsynth::facts;

use super::defaults::Definitions;
use super::selector::Labels;
use crate::expressions::Tree;
use crate::policy::subject::Object;

/// A request to create an object.
pub struct Request<'a> {
    /// The object with defaults.
    pub object: Tree,
    /// The object as written.
    pub subject: &'a Object,
    pub group: String,
    pub version: String,
    pub kind: String,
    /// The plural name of the kind.
    pub resource: String,
    pub name: String,
    /// The namespace; `None` for cluster-scoped objects.
    pub namespace: Option<String>,
    pub is_namespaced: bool,
    pub labels: Labels,
    /// The labels of its namespace, or its own labels if it is a namespace. `None` if namespace selectors do not apply.
    pub namespace_labels: Option<Labels>,
    /// The other served versions of the same kind.
    pub other_versions: Vec<String>,
    /// Whether versions differ only in `apiVersion`.
    pub is_converted: bool,
}

/// Kinds that are exempt from policies, because a wrong policy could otherwise not be removed.
const EXEMPT: [&str; 6] = [
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
];

/// Kinds that the API server serves in several versions.
const SERVED: [(&str, &str, &[&str]); 2] =
    [("autoscaling", "HorizontalPodAutoscaler", &["v1", "v2"]), ("events.k8s.io", "Event", &["v1"])];

/// Irregular plural names.
const PLURALS: [(&str, &str); 3] = [("Endpoints", "endpoints"), ("NodeMetrics", "nodes"), ("PodMetrics", "pods")];

impl<'a> Request<'a> {
    /// Creates the request for an object. Returns `None` if policies do not apply to it.
    pub fn new(subject: &'a Object, definitions: &Definitions, namespaces: &[&Object], default: &str) -> Option<Self> {
        let api_version = subject.tree.text("apiVersion")?;
        let kind = subject.tree.text("kind")?.to_owned();
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        if group == "admissionregistration.k8s.io" && EXEMPT.contains(&kind.as_str()) {
            return None;
        }
        let definition = definitions.get(group, &kind);
        let is_namespaced = match (definition, facts::kubernetes(api_version, &kind)) {
            (Some(definition), _) => definition.is_namespaced,
            (None, Some(facts)) => facts.namespaced,
            (None, None) => !facts::is_of_cluster(group, &kind),
        };
        let is_namespace = kind == "Namespace" && group.is_empty();
        let lies_in = is_namespaced.then(|| subject.tree.text("metadata.namespace").unwrap_or(default).to_owned());
        let object = super::defaults::admitted(&subject.tree, lies_in.as_deref(), definitions);
        let name = object.text("metadata.name").unwrap_or_default().to_owned();
        let labels = Labels::of(&object);
        let namespace_labels = match &lies_in {
            _ if is_namespace => Some(Labels::of(&object)),
            Some(namespace) => Some(labels_of(namespace, namespaces)),
            None => None,
        };
        let known =
            SERVED.iter().find(|(of, it, _)| (*of, *it) == (group, kind.as_str())).map_or(&[][..], |(.., all)| all);
        let of_facts =
            ["v1alpha1", "v1alpha2", "v1alpha3", "v1beta1", "v1beta2", "v1", "v2"].into_iter().filter(|version| {
                definition.map_or_else(
                    || known.contains(version) || facts::kubernetes(&format!("{group}/{version}"), &kind).is_some(),
                    |definition| definition.has(version),
                )
            });
        let other_versions = of_facts.filter(|it| *it != version).map(str::to_owned).collect();
        let resource = definition.map_or_else(|| plural(&kind), |definition| definition.plural.clone());
        Some(Self {
            group: group.to_owned(),
            version: version.to_owned(),
            resource,
            // The API server also sets the namespace of a namespace request to its own name.
            namespace: if is_namespace { Some(name.clone()) } else { lies_in },
            name,
            is_namespaced,
            labels,
            namespace_labels,
            other_versions,
            is_converted: definition.map_or(!known.is_empty(), |definition| definition.is_converted),
            kind,
            object,
            subject,
        })
    }

    /// Returns the value of `request` in expressions.
    pub fn variable(&self, version: &str) -> Tree {
        let kind = |version: &str| {
            let (group, kind) = (Tree::from(self.group.as_str()), Tree::from(self.kind.as_str()));
            Tree::from([("group", group), ("version", Tree::from(version)), ("kind", kind)])
        };
        let resource = |version: &str| {
            let (group, resource) = (Tree::from(self.group.as_str()), Tree::from(self.resource.as_str()));
            Tree::from([("group", group), ("version", Tree::from(version)), ("resource", resource)])
        };
        let mut request = Tree::from([
            ("kind", kind(version)),
            ("resource", resource(version)),
            ("requestKind", kind(&self.version)),
            ("requestResource", resource(&self.version)),
            ("operation", Tree::from("CREATE")),
            ("userInfo", Tree::unknown("`request.userInfo`, which depends on who applies the object")),
            ("dryRun", Tree::unknown("`request.dryRun`, which depends on how the object is applied")),
            ("options", Tree::unknown("`request.options`, which depends on how the object is applied")),
        ]);
        if !self.name.is_empty() {
            request.set("name", Tree::from(self.name.as_str()));
        }
        if let Some(namespace) = &self.namespace {
            request.set("namespace", Tree::from(namespace.as_str()));
        }
        request
    }
}

/// Returns the labels of a namespace. If its object is missing, labels other than its name are unknown.
fn labels_of(name: &str, namespaces: &[&Object]) -> Labels {
    match namespaces.iter().find(|it| it.tree.text("metadata.name") == Some(name)) {
        Some(object) => Labels::of(&object.tree),
        None => Labels::not_known(format!("the namespace `{name}`, which is not among the manifests")),
    }
    .with("kubernetes.io/metadata.name", name)
}

/// Returns the plural name of a kind, as the API server guesses it.
fn plural(kind: &str) -> String {
    if let Some((_, plural)) = PLURALS.iter().find(|(known, _)| *known == kind) {
        return (*plural).to_owned();
    }
    let lower = kind.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    let is_vowel = |c: char| "aeiou".contains(c);
    match lower.strip_suffix('y') {
        Some(stem) if !stem.ends_with(is_vowel) => format!("{stem}ies"),
        _ if ends(&["s", "x", "ch", "sh"]) => format!("{lower}es"),
        _ => format!("{lower}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::plural;

    #[test]
    fn plural_names_match_api_server() {
        let kinds = ["Pod", "NetworkPolicy", "Ingress", "Gateway", "StorageClass", "Endpoints"];
        assert_eq!(
            kinds.map(plural),
            ["pods", "networkpolicies", "ingresses", "gateways", "storageclasses", "endpoints"]
        );
    }
}

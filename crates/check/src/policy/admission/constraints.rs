//! The requests that a policy or a binding applies to: `matchConstraints` and `matchResources`.

use super::request::Request;
use super::selector::Selector;
use crate::expressions::Tree;

/// The constraints.
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    rules: Vec<Rule>,
    excluded: Vec<Rule>,
    namespaces: Selector,
    objects: Selector,
    is_exact: bool,
}

/// A rule for resources.
#[derive(Clone, Debug, Default)]
struct Rule {
    groups: Vec<String>,
    versions: Vec<String>,
    resources: Vec<String>,
    operations: Vec<String>,
    names: Vec<String>,
    scope: String,
}

/// Whether constraints match a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Matched {
    No,
    Yes,
    /// They match another version of its kind.
    As(String),
    /// The result depends on this unknown value.
    Unknown(String),
}

impl Constraints {
    /// Reads the constraints. Without constraints, all requests match.
    ///
    /// # Errors
    ///
    /// The path of the invalid field below the constraints, and the reason.
    pub fn read(tree: Option<&Tree>) -> Result<Self, (String, String)> {
        let Some(tree) = tree else { return Ok(Self::default()) };
        let rules = |key: &str| tree.items(key).iter().map(Rule::read).collect();
        let selector = |key: &str| Selector::read(tree.get(key)).map_err(|(path, why)| (format!("{key}.{path}"), why));
        Ok(Self {
            rules: rules("resourceRules"),
            excluded: rules("excludeResourceRules"),
            namespaces: selector("namespaceSelector")?,
            objects: selector("objectSelector")?,
            is_exact: tree.text("matchPolicy") == Some("Exact"),
        })
    }

    /// Whether there is a rule for resources.
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Whether the constraints match a request.
    pub fn matches(&self, request: &Request<'_>) -> Matched {
        let selected = [
            request.namespace_labels.as_ref().map_or(Ok(true), |labels| self.namespaces.selects(labels)),
            self.objects.selects(&request.labels),
        ];
        if selected.contains(&Ok(false)) || self.covers(&self.excluded, request).is_some() {
            return Matched::No;
        }
        let matched = match self.rules.is_empty() {
            true => Some(None),
            false => self.covers(&self.rules, request),
        };
        let Some(version) = matched else { return Matched::No };
        if let Some(what) = selected.into_iter().find_map(Result::err) {
            return Matched::Unknown(what);
        }
        version.map_or(Matched::Yes, Matched::As)
    }

    /// Whether a rule matches a request: in its own version (`Some(None)`) or in another one.
    fn covers(&self, rules: &[Rule], request: &Request<'_>) -> Option<Option<String>> {
        if rules.iter().any(|rule| rule.covers(request, &request.version)) {
            return Some(None);
        }
        if self.is_exact {
            return None;
        }
        let others = request.other_versions.iter();
        let mut meant = others.filter(|version| rules.iter().any(|rule| rule.covers(request, version)));
        meant.next().map(|version| Some(version.clone()))
    }
}

impl Rule {
    fn read(tree: &Tree) -> Self {
        let texts = |key: &str| {
            let text = |it: &Tree| if let Tree::Text(text) = it { Some(text.clone()) } else { None };
            tree.items(key).iter().filter_map(text).collect()
        };
        Self {
            groups: texts("apiGroups"),
            versions: texts("apiVersions"),
            resources: texts("resources"),
            operations: texts("operations"),
            names: texts("resourceNames"),
            scope: tree.text("scope").unwrap_or("*").to_owned(),
        }
    }

    fn covers(&self, request: &Request<'_>, version: &str) -> bool {
        let has = |all: &[String], one: &str| all.iter().any(|it| it == "*" || it == one);
        // A request for an object itself has no subresource.
        let is_resource = self.resources.iter().any(|pattern| {
            let (resource, subresource) = pattern.split_once('/').unwrap_or((pattern, ""));
            (resource == "*" || resource == request.resource) && matches!(subresource, "" | "*")
        });
        // A namespace is cluster-scoped, although its request has a namespace.
        let is_scope = match self.scope.as_str() {
            "Cluster" => !request.is_namespaced,
            "Namespaced" => request.is_namespaced,
            _ => true,
        };
        is_scope
            && is_resource
            && has(&self.operations, "CREATE")
            && has(&self.groups, &request.group)
            && has(&self.versions, version)
            && (self.names.is_empty() || self.names.contains(&request.name))
    }
}

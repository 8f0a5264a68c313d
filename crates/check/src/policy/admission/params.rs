//! The parameters of a policy.

use meshsynth::{World, facts};

use super::binding::Binding;
use super::decision::Decision;
use super::defaults::{Definitions, admitted};
use super::definition::Definition;
use super::request::Request;
use super::selector::Labels;
use crate::expressions::Tree;
use crate::policy::subject::Object;

/// The objects in which parameters are looked up.
pub struct Params<'a> {
    objects: Vec<&'a Object>,
    definitions: &'a Definitions,
    default_namespace: &'a str,
    world: World,
}

impl<'a> Params<'a> {
    /// Creates a lookup in these objects.
    pub fn new(
        objects: impl Iterator<Item = &'a Object>,
        definitions: &'a Definitions,
        default_namespace: &'a str,
        world: World,
    ) -> Self {
        Self { objects: objects.collect(), definitions, default_namespace, world }
    }

    /// Returns the parameters; a single `null` if the policy or the binding has none.
    ///
    /// # Errors
    ///
    /// The decision for missing parameters, or `None` if the object is admitted without them.
    pub fn of(
        &self,
        definition: &Definition,
        binding: &Binding,
        request: &Request<'_>,
    ) -> Result<Vec<Tree>, Option<Decision>> {
        let (Some((api_version, kind)), Some(wanted)) = (&definition.param_kind, &binding.params) else {
            return Ok(vec![Tree::Null]);
        };
        let (group, _) = api_version.split_once('/').unwrap_or(("", api_version));
        let is_namespaced = match (self.definitions.get(group, kind), facts::kubernetes(api_version, kind)) {
            (Some(definition), _) => definition.is_namespaced,
            (None, Some(facts)) => facts.namespaced,
            (None, None) => !facts::is_of_cluster(group, kind),
        };
        let broken = |why: &str| Some(Decision::of_configuration(definition, why.to_owned()));
        let namespace = match (&wanted.namespace, &request.namespace) {
            (Some(_), _) if !is_namespaced => {
                return Err(broken("paramRef.namespace must not be provided for a cluster-scoped `paramKind`"));
            }
            _ if !is_namespaced => None,
            (Some(namespace), _) | (None, Some(namespace)) => Some(namespace.as_str()),
            (None, None) => {
                let why = "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources";
                return Err(broken(why));
            }
        };
        let mut unknown = None;
        let mut is_wanted = |object: &&&Object| {
            let tree = &object.tree;
            let text = |path: &str| tree.text(path);
            let lies_in = text("metadata.namespace").unwrap_or(self.default_namespace);
            let is_kind = text("apiVersion") == Some(api_version) && text("kind") == Some(kind);
            if !is_kind || namespace.is_some_and(|namespace| namespace != lies_in) {
                return false;
            }
            match &wanted.name {
                Some(name) => text("metadata.name") == Some(name),
                None => wanted.selector.selects(&Labels::of(tree)).unwrap_or_else(|what| {
                    unknown = Some(what);
                    false
                }),
            }
        };
        let found: Vec<&&Object> = self.objects.iter().filter(&mut is_wanted).collect();
        if let Some(what) = unknown {
            return Err(Some(Decision::Unknown { idx: None, what }));
        }
        if !found.is_empty() {
            return Ok(found.into_iter().map(|it| admitted(&it.tree, namespace, self.definitions)).collect());
        }
        let place = namespace.map(|namespace| format!(" in the namespace `{namespace}`")).unwrap_or_default();
        let name = wanted.name.as_deref().map(|name| format!(" `{name}`")).unwrap_or_default();
        match self.world {
            World::Open => {
                let what = format!("the parameter {kind}{name}{place}, which is not among the manifests");
                Err(Some(Decision::Unknown { idx: None, what }))
            }
            World::Closed if wanted.is_needed => {
                Err(broken("no params found for policy binding with `Deny` parameterNotFoundAction"))
            }
            World::Closed => Err(None),
        }
    }
}

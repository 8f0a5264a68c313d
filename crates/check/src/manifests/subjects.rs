//! Returns the objects and resources of folders and files that policies evaluate.

use anyhow::Result;
use meshsynth::diag::Place;
use meshsynth::name::is_region;
use meshsynth::{Contents, Template, constructs};

use super::{Found, Marked};
use crate::expressions::Tree;
use crate::policy::assembly::Wanted;
use crate::policy::{self, Cluster, DEFERRED, Object, Policies, Resource, Role, Stack, Subjects};

impl Found {
    /// Whether there is any policy: policy files, or an admission policy among the manifests.
    pub fn is_under(&self, policies: &Policies) -> bool {
        !policies.is_empty() || self.has_admission_policy
    }

    /// Returns the objects and resources that policies evaluate.
    pub fn subjects(&self) -> Result<Subjects> {
        let mut subjects = Subjects::default();
        for folder in &self.assemblies {
            let of_folder = policy::assembly::read(folder, Wanted { objects: true, resources: true })?;
            subjects.clusters.extend(of_folder.clusters);
            subjects.stacks.extend(of_folder.stacks);
        }
        let own = self.clusters.iter().enumerate().filter(|(idx, _)| !self.of_assemblies.contains(idx));
        subjects.clusters.extend(own.map(|(_, cluster)| self.cluster(cluster)));
        let stacks = self.templates.iter().zip(&self.template_places);
        subjects.stacks.extend(stacks.map(|(template, (place, stack))| {
            let env = stack.as_ref().map(|stack| &stack.env);
            let mut stack = Stack {
                name: template.name().to_owned(),
                region: env.map(|env| env.region.clone()).filter(|region| is_region(region)),
                account: env.and_then(|env| env.account.clone()),
                ..Stack::default()
            };
            let read = |document: &Marked| resources(&place.file, document, &stack, template);
            stack.resources = self.documents.with(place, read).unwrap_or_default();
            stack
        }));
        Ok(subjects)
    }

    fn cluster(&self, contents: &Contents) -> Cluster {
        let paths = constructs(contents);
        let object = |(manifest, construct): (&meshsynth::Manifest, String)| {
            let place = Place::from(manifest.at());
            let read = |document: &Marked| {
                let mut tree = Tree::from_data(&document.data(), DEFERRED);
                // The namespace may come from the folder.
                let [.., namespace, _] = manifest.identity();
                if !namespace.is_empty() {
                    tree.map_mut("metadata").or_set("namespace", namespace);
                }
                let document = (Role::of(&tree) != Role::Other).then(|| document.clone());
                (tree, document)
            };
            let (tree, document) = self.documents.with(&place, read)?;
            Some(Object { tree, place, construct, document })
        };
        let objects = contents.manifests.iter().zip(paths).filter_map(object).collect();
        Cluster { namespace: contents.namespace.clone(), objects }
    }
}

/// Returns the resources of a template.
fn resources(file: &str, document: &Marked, stack: &Stack, template: &Template) -> Vec<Resource> {
    let all = document.get("Resources").into_iter().flat_map(Marked::entries);
    let resource = |(logical_id, body): (&str, &Marked)| {
        let (line, column) = document.place(&format!("Resources.{logical_id}"));
        let body = policy::resolved(&Tree::from_data(&body.literal(), DEFERRED), stack)?;
        Some(Resource {
            logical_id: logical_id.to_owned(),
            type_name: body.text("Type").unwrap_or_default().to_owned(),
            body,
            place: Place { file: file.to_owned(), line, column },
            construct: format!("{}/{logical_id}", template.name()),
        })
    };
    all.filter_map(resource).collect()
}

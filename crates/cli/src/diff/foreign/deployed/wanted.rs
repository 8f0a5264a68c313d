//! Selects the deployed state to read: the stacks of the templates, and the objects by cluster.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use meshsynth_assembly::deployed::{Wanted, WantedCluster, WantedStack};
use meshsynth_model::problem::{Problem, did_you_mean};

use super::super::platform::{CLUSTER, Platform};
use super::super::template::Template;
use super::super::variants;
use super::nested;
use crate::config::StackName;

/// The kubeconfig context of one cluster or of all clusters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The cluster; `None` for all clusters.
    pub cluster: Option<String>,
    /// The kubeconfig context.
    pub context: String,
}

impl Context {
    /// Parses `CONTEXT`, or `CLUSTER=CONTEXT` if the cluster exists.
    pub fn of(text: &str, clusters: &[(String, String)]) -> Self {
        let known = |name: &str| name == CLUSTER || clusters.iter().any(|(cluster, _)| cluster == name);
        match text.split_once('=').filter(|(name, context)| known(name) && !context.is_empty()) {
            Some((name, context)) => Self { cluster: Some(name.to_owned()), context: context.to_owned() },
            None => Self { cluster: None, context: text.to_owned() },
        }
    }
}

/// Sets the stack names of templates.
pub(super) fn name(head: &mut Platform, names: &[StackName]) -> Result<()> {
    for row in names {
        let is_it = |it: &Template| {
            it.file == row.template || it.file.ends_with(&format!("/{}", row.template)) || it.name == row.template
        };
        let mut found: Vec<&mut Template> = head.templates.iter_mut().filter(|it| is_it(it)).collect();
        match found.as_mut_slice() {
            [template] => {
                (template.id, template.name, template.is_named) = (row.name.clone(), row.name.clone(), true);
                template.region = row.region.clone().or(template.region.take());
                template.account = row.account.clone().or(template.account.take());
            }
            [] => {
                let files: Vec<&str> = head.templates.iter().map(|it| it.file.as_str()).collect();
                let text = format!("there is no template `{}`", row.template);
                return Err(Problem::setting(text).at(&row.place).help(did_you_mean(&row.template, &files)).into());
            }
            several => {
                let files: Vec<&str> = several.iter().map(|it| it.file.as_str()).collect();
                let text = format!("there are several templates `{}`", row.template);
                let help = format!("specify one by its path: `{}`", files.join("`, `"));
                return Err(Problem::setting(text).at(&row.place).help(help).into());
            }
        }
    }
    Ok(())
}

/// Returns the stacks and objects to read for a platform.
///
/// # Errors
///
/// If two templates have the same stack, or objects have conflicting definitions.
pub fn wanted(head: &Platform, region: Option<&str>, contexts: &[Context]) -> Result<Wanted> {
    let nested = nested::children(head);
    let is_nested = |at: usize| nested.iter().any(|child| child.template == at);
    let tops = head.templates.iter().enumerate().filter(|(at, _)| !is_nested(*at)).map(|(_, it)| it);
    let mut by_name: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    let mut stacks = Vec::new();
    for template in tops {
        by_name.entry((&template.name, &template.region, &template.account)).or_default().push(&template.file);
        let (name, account) = (template.name.clone(), template.account.clone());
        stacks.push(WantedStack { name, account, region: template.region.clone() });
    }
    let twice: Vec<String> = by_name
        .iter()
        .filter(|(_, files)| files.len() > 1)
        .map(|((name, ..), files)| format!("several templates have the stack name `{name}`: `{}`", files.join("`, `")))
        .collect();
    if let Some(first) = twice.first() {
        let help = "assign a stack to each template in a file for `--map`:\n[[stack]]\ntemplate = \
             \"path/of/template.yaml\"\nname = \"prod-network\"";
        let more = if twice.len() > 1 { format!(", and {} more", twice.len() - 1) } else { String::new() };
        return Err(Problem::setting(format!("{first}{more}")).help(help).into());
    }
    let variants = variants::variants(&head.objects);
    if let Some(first) = variants.first() {
        let others: Vec<&str> = variants.iter().skip(1).map(String::as_str).collect();
        let text = format!("`{first}` and `{}` contain different definitions of the same objects", others.join("`, `"));
        let help =
            "specify the deployed folder with `--head`, or assign a cluster to each folder: `--cluster NAME=FOLDER`";
        return Err(Problem::setting(text).help(help).into());
    }
    Ok(Wanted { stacks, clusters: clusters(head, contexts)?, region: region.map(str::to_owned), resources: false })
}

fn clusters(head: &Platform, contexts: &[Context]) -> Result<Vec<WantedCluster>> {
    let mut by_cluster: BTreeMap<&str, (BTreeSet<_>, Vec<_>)> = BTreeMap::new();
    for object in &head.objects {
        let (seen, objects) = by_cluster.entry(&object.cluster).or_default();
        if seen.insert(&object.key) {
            let mut document = object.document.get().into_owned();
            // The API server generates the name.
            if document["metadata"]["generateName"].is_string()
                && let Some(metadata) = document["metadata"].as_object_mut()
            {
                metadata.remove("name");
            }
            objects.push(document);
        }
    }
    let of_all = contexts.iter().find(|it| it.cluster.is_none());
    if let Some(context) = of_all.filter(|_| by_cluster.len() > 1) {
        let names: Vec<&str> = by_cluster.keys().copied().collect();
        let text =
            format!("`--context {}` specifies one context, but there are {} clusters", context.context, names.len());
        let help =
            format!("specify a context for each cluster: `--context {}=CONTEXT`", names.join("=CONTEXT --context "));
        return Err(Problem::setting(text).help(help).into());
    }
    let row = |(name, (_, objects)): (&str, (BTreeSet<_>, Vec<_>))| {
        let own = contexts.iter().find(|it| it.cluster.as_deref() == Some(name)).or(of_all);
        WantedCluster {
            name: name.to_owned(),
            context: own.map(|it| it.context.clone()),
            is_named: name != CLUSTER,
            objects: Some(objects),
        }
    };
    Ok(by_cluster.into_iter().map(row).collect())
}

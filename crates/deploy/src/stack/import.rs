//! Imports resources outside of all stacks into this stack. The import is a separate operation before the regular
//! deployment.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html>.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::adopt::Owner;
use super::change::Made;
use super::identifier::Known;
use super::import_template::ImportTemplate;
use super::{Imported, Start, Worker};
use crate::assembly::digest;
use crate::cloud::{Cloud, Request, Secret, ToImport};
use crate::event::Event;
use crate::failure::{Failure, of_call};
use crate::judgement::{Judgement, Row};

/// The settings of an import.
#[derive(Clone, Debug, Default)]
pub struct ImportSettings {
    /// The constructs or logical IDs to import. Empty imports all resources that are found.
    pub resources: Vec<String>,
    /// The identifiers that the user specified, by stack ID and construct or logical ID.
    pub identifiers: BTreeMap<(String, String), BTreeMap<String, String>>,
    /// Whether to start a new resource scan.
    pub scans: bool,
    /// Whether to start a scan only if `scans` is set. Otherwise, only an existing recent scan is used.
    pub looks: bool,
}

/// A resource that can be imported.
pub(super) struct Candidate {
    pub(super) id: String,
    pub(super) kind: String,
    /// The properties of its identifier.
    pub(super) keys: Vec<String>,
    /// The identifier, if it is known, and whether the user specified it.
    pub(super) identifier: Option<(BTreeMap<String, String>, bool)>,
    /// The name in its tags.
    pub(super) tag: Option<String>,
}

impl<C: Cloud> Worker<'_, C> {
    /// Imports the selected resources that the stack does not contain yet.
    pub(super) async fn import(&self, start: Start) -> Result<Imported, Failure> {
        let Some((rows, template)) = self.importable(start).await? else { return Ok(Imported::Nothing) };
        let is_new = start == Start::Create;
        let seen = self.seen.borrow().clone();
        if let Some(stack) = seen.filter(|_| !is_new)
            && self.check_ours(&stack)? == Owner::Other
        {
            self.tell_adoption(&stack).await?;
        }
        self.tell_import(&rows, &template);
        self.carry_out_import(Start::Import { is_new }, rows, &template.document).await
    }

    /// Returns the resources to import and the template of the import, or `None` if there is nothing to import.
    pub(super) async fn importable(&self, start: Start) -> Result<Option<(Vec<ToImport>, ImportTemplate)>, Failure> {
        let Some(settings) = &self.settings.import else { return Ok(None) };
        let program = self.assembly.document(&self.step.template).unwrap_or_default();
        let candidates = self.candidates(start, settings, &program).await?;
        if candidates.is_empty() {
            return Ok(None);
        }
        let rows = self.located(settings, candidates).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        self.check_unowned(&rows).await?;
        let deployed = if start == Start::Create { None } else { Some(self.deployed().await?) };
        let ids: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let template = ImportTemplate::new(&program, deployed, &ids);
        self.check_references(&template)?;
        Ok(Some((rows, template)))
    }

    /// Returns the program resources that the stack does not contain and that can be imported.
    async fn candidates(
        &self,
        start: Start,
        settings: &ImportSettings,
        program: &Value,
    ) -> Result<Vec<Candidate>, Failure> {
        let place = self.place();
        let present: BTreeSet<String> = match start {
            Start::Create => BTreeSet::new(),
            _ => {
                let found = self.call(async || self.cloud.resources(&place, self.name()).await).await;
                let found = found.map_err(|error| of_call(format!("{} cannot be read", self.called()), &error))?;
                found.into_iter().filter(|it| it.status != "DELETE_COMPLETE").map(|it| it.id).collect()
            }
        };
        let is_wanted =
            |id: &str| settings.resources.is_empty() || settings.resources.iter().any(|name| self.is_called(id, name));
        let absent: BTreeMap<&String, &Value> = program["Resources"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(id, _)| !present.contains(*id) && is_wanted(id))
            .collect();
        if absent.is_empty() {
            return Ok(Vec::new());
        }
        let kind = |resource: &Value| resource["Type"].as_str().unwrap_or_default().to_owned();
        let types: BTreeMap<&String, Value> =
            absent.iter().map(|(id, it)| (*id, json!({ "Type": kind(it) }))).collect();
        let text = json!({ "Resources": types }).to_string();
        let names = self.call(async || self.cloud.identifiers(&place, &text).await).await;
        let names = names
            .map_err(|error| of_call(format!("{} was not changed: no resource is imported", self.called()), &error))?;
        let refused: Vec<String> = absent
            .iter()
            .filter(|(id, _)| !settings.resources.is_empty() && !names.contains_key(**id))
            .map(|(id, it)| format!("`{}` ({})", self.shown(id), kind(it)))
            .collect();
        if !refused.is_empty() {
            return Err(self.failure(
                format!("{} was not changed: CloudFormation does not import {}", self.called(), refused.join(", ")),
                "remove these resources from `--import`, so that they are created; or refer to the existing resources \
                 with an import in the program",
            ));
        }
        let known = self.known(program).await?;
        Ok(absent
            .into_iter()
            .filter_map(|(id, it)| {
                let keys = names.get(id)?.clone();
                let literal = || keys.iter().map(|key| Some((key.clone(), known.text(&it["Properties"][key])?)));
                let given = settings
                    .identifiers
                    .iter()
                    .find(|((stack, name), _)| *stack == self.step.id && self.is_called(id, name))
                    .map(|(_, identifier)| (identifier.clone(), true));
                let identifier = given.or_else(|| Some((literal().collect::<Option<_>>()?, false)));
                let tags = it["Properties"]["Tags"].as_array().into_iter().flatten();
                let tag = tags.filter(|tag| tag["Key"] == "Name").find_map(|tag| known.text(&tag["Value"]));
                Some(Candidate { id: id.clone(), kind: kind(it), keys, identifier, tag })
            })
            .collect())
    }

    /// Whether a name on the command line matches a resource: the logical ID, or the construct with or without its
    /// stack.
    pub(crate) fn is_called(&self, id: &str, name: &str) -> bool {
        let (construct, _) = self.origin(id);
        let inner = construct.strip_prefix(&self.step.id).and_then(|rest| rest.strip_prefix('/'));
        id == name || !construct.is_empty() && (construct == name || inner == Some(name))
    }

    /// Returns the values that are known before the stack is deployed.
    async fn known(&self, program: &Value) -> Result<Known, Failure> {
        let place = self.place();
        let account = self.call(async || self.cloud.account(&place).await).await;
        let account = account.map_err(|error| of_call(format!("{} was not changed", self.called()), &error))?;
        let mut known = Known::new(&account, &self.step.region, self.name());
        for (name, parameter) in program["Parameters"].as_object().into_iter().flatten() {
            let is_secret = parameter["NoEcho"] == true || parameter["NoEcho"] == "true";
            let given = self.settings.parameters.get(&(self.step.id.clone(), name.clone()));
            let value = given.map(|Secret(value)| value.as_str()).or(parameter["Default"].as_str());
            if let Some(value) = value.filter(|_| !is_secret) {
                known.add(name, value);
            }
        }
        Ok(known)
    }

    /// Checks that no stack contains the resources, because such a resource cannot be imported.
    async fn check_unowned(&self, rows: &[ToImport]) -> Result<(), Failure> {
        let place = self.place();
        let mut owned = Vec::new();
        for row in rows {
            let mut values = row.identifier.values();
            let (Some(physical), None) = (values.next(), values.next()) else { continue };
            let owner = self.call(async || self.cloud.owner(&place, physical).await).await;
            let owner = owner.map_err(|error| {
                of_call(format!("{} was not changed: no resource is imported", self.called()), &error)
            })?;
            owned.extend(
                owner.map(|stack| format!("{} is in the stack `{stack}`", described(&self.shown(&row.id), row))),
            );
        }
        match owned.len() {
            0 => Ok(()),
            _ => Err(Failure {
                notes: owned,
                ..self.failure(
                    format!("{} was not changed: a resource to import is in another stack", self.called()),
                    "move the resource with a stack refactor, or first remove it from that stack with \
                     `DeletionPolicy: Retain`; to take over a whole stack, use `--adopt`",
                )
            }),
        }
    }

    /// Returns the deployed template of the stack.
    async fn deployed(&self) -> Result<Value, Failure> {
        let place = self.place();
        let text = self.call(async || self.cloud.template(&place, self.name()).await).await;
        let text = text.map_err(|error| {
            of_call(format!("{} was not changed: its template cannot be read", self.called()), &error)
        })?;
        meshsynth_diff::stack::parse(&text).map_err(|error| {
            let text = format!("{} was not changed: its template cannot be read: {error:#}", self.called());
            self.failure(text, "correct the template in AWS, then run the command again")
        })
    }

    fn check_references(&self, template: &ImportTemplate) -> Result<(), Failure> {
        let Some((id, _)) = template.missing.first() else { return Ok(()) };
        let (_, source) = self.origin(id);
        let row = |(id, target): &(String, String)| {
            format!("`{}` refers to `{}`, which is not in the stack", self.shown(id), self.shown(target))
        };
        Err(Failure {
            source,
            notes: template.missing.iter().map(row).collect(),
            ..self.failure(
                format!(
                    "{} was not changed: an import cannot create resources, so it cannot add references to new \
                     resources",
                    self.called()
                ),
                "also import those resources; or first deploy without `--import` and without the references, then \
                 import",
            )
        })
    }

    pub(super) fn tell_import(&self, rows: &[ToImport], template: &ImportTemplate) {
        for row in rows {
            let mut notes = vec![
                "the import does not change the resource; list differences from the program with `meshsynth drift`"
                    .to_owned(),
            ];
            if template.retained.contains(&row.id) {
                notes.push(
                    "CloudFormation requires a `DeletionPolicy` for an import, but the program has none: the import \
                     uses `Retain`, and the next update removes it"
                        .to_owned(),
                );
            }
            self.watch.say(&Event::TakesOver {
                at: self.step.id.clone(),
                name: described(&self.shown(&row.id), row),
                from: "no stack".to_owned(),
                notes,
                back: String::new(),
            });
        }
    }

    async fn carry_out_import(&self, start: Start, rows: Vec<ToImport>, template: &Value) -> Result<Imported, Failure> {
        let text = template.to_string();
        let name = format!("meshsynth-import-{}", &digest(&format!("{text}\n{rows:?}"))[..16]);
        let seen = self.seen.borrow().clone();
        // An import cannot change the tags of an existing stack.
        let tags = match (start.is_new(), seen) {
            (false, Some(stack)) => stack.tags.into_iter().filter(|(key, _)| !key.starts_with("aws:")).collect(),
            _ => self.tags(),
        };
        let judged = Judgement {
            ways: Vec::new(),
            changes: rows
                .iter()
                .map(|row| Row {
                    verdict: meshsynth_diff::Verdict::InPlace,
                    kind: row.kind.clone(),
                    name: self.shown(&row.id),
                    properties: vec!["imported".to_owned()],
                    access: false,
                    fates: Vec::new(),
                })
                .collect(),
            access: Vec::new(),
            foreign: Vec::new(),
        };
        let request = Request {
            stack: self.step.name.clone(),
            name,
            create: start.is_new(),
            template: self.handed_in(text).await?,
            parameters: self.import_parameters(start, template)?,
            capabilities: self.step.capabilities.clone(),
            tags,
            role: self.settings.role.clone(),
            imports: rows,
        };
        let set = match self.make(start, &request).await? {
            Made::Ready(set) => set,
            Made::Nothing => return Ok(Imported::Nothing),
            Made::Moved => return Ok(Imported::Moved),
        };
        if let Err(failure) = self.ask(judged, false).and_then(|()| self.check_stop()) {
            self.withdraw(start, &request.name).await;
            return Err(failure);
        }
        match self.carry_out(start, &request.name, &set).await? {
            Some(done) => {
                self.note(done.text);
                Ok(Imported::Done)
            }
            None => Ok(Imported::Moved),
        }
    }

    /// Returns the parameter values of an import template. Existing values of the stack remain.
    fn import_parameters(&self, start: Start, template: &Value) -> Result<BTreeMap<String, Option<Secret>>, Failure> {
        let had = self.seen.borrow().as_ref().map(|stack| stack.parameters.clone()).unwrap_or_default();
        let mut all = self.parameters(if start.is_new() { Start::Create } else { Start::Update })?;
        for (name, _) in template["Parameters"].as_object().into_iter().flatten() {
            if !start.is_new() && had.contains(name) {
                all.insert(name.clone(), None);
            }
        }
        all.retain(|name, _| !template["Parameters"][name].is_null());
        Ok(all)
    }
}

/// Describes a resource with its identifier.
pub(super) fn described(name: &str, row: &ToImport) -> String {
    format!("`{name}` ({}: {})", row.kind, words(&row.identifier))
}

/// Formats an identifier.
pub(super) fn words(identifier: &BTreeMap<String, String>) -> String {
    identifier.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
}

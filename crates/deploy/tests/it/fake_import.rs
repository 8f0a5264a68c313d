//! Imports in the simulated AWS: identifiers of types, resources outside of stacks, scans, and the rejection messages
//! of AWS.

use std::collections::BTreeMap;

use meshsynth_deploy::cloud::{CloudError, Fault, Request, Scan, ScannedResource, StackResource, ToImport};
use serde_json::Value;

use crate::template::{changes, outputs, resources};
use crate::world::{Kept, World, error};

/// The duration of a scan in milliseconds.
const SCAN: i64 = 90_000;

/// Returns the identifiers of the template resources in the form of `GetTemplateSummary`.
pub fn identifiers(template: &str) -> BTreeMap<String, Vec<String>> {
    let name = |kind: &str| {
        Some(match kind {
            "AWS::EC2::VPC" => vec!["VpcId"],
            "AWS::RDS::DBInstance" => vec!["DBInstanceIdentifier"],
            "AWS::S3::Bucket" => vec!["BucketName"],
            "AWS::SQS::Queue" => vec!["QueueUrl"],
            "AWS::ApiGateway::Stage" => vec!["RestApiId", "StageName"],
            _ => return None,
        })
    };
    let row = |(id, it): (String, Value)| {
        let names = name(it["Type"].as_str()?)?;
        Some((id, names.into_iter().map(str::to_owned).collect()))
    };
    resources(template).into_iter().filter_map(row).collect()
}

/// Parses `ResourcesToImport` of a form.
pub fn imports(form: &BTreeMap<String, String>) -> Vec<ToImport> {
    let row = |n: usize| {
        let at = |field: &str| form.get(&format!("ResourcesToImport.member.{n}.{field}")).cloned();
        let entry = |m: usize| {
            let key = at(&format!("ResourceIdentifier.entry.{m}.key"))?;
            Some((key, at(&format!("ResourceIdentifier.entry.{m}.value"))?))
        };
        let identifier = (1..).map_while(entry).collect();
        Some(ToImport { id: at("LogicalResourceId")?, kind: at("ResourceType")?, identifier })
    };
    (1..).map_while(row).collect()
}

/// Returns the physical ID of a resource.
fn physical(identifier: &BTreeMap<String, String>) -> String {
    identifier.values().cloned().collect::<Vec<_>>().join("|")
}

impl World {
    /// Checks that the stack has a value for each parameter that keeps its value.
    pub fn check_parameters(&self, key: &(String, String), request: &Request) -> Result<(), CloudError> {
        let had = self.stacks.get(key).map(|kept| kept.stack.parameters.clone()).unwrap_or_default();
        match request.parameters.iter().find(|(name, value)| value.is_none() && !had.contains(name)) {
            Some((name, _)) => Err(error(
                Fault::Refused,
                "CreateChangeSet",
                format!(
                    "Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a parameter key \
                     not in the previous template"
                ),
            )),
            None => Ok(()),
        }
    }

    /// Returns the reason to reject an import. Fails if the call itself is rejected, instead of the change set.
    pub fn refuses_import(&self, kept: &Kept, request: &Request, text: &str) -> Result<Option<String>, CloudError> {
        if request.imports.is_empty() {
            return Ok(None);
        }
        let refused = |text: String| Err(error(Fault::Refused, "CreateChangeSet", text));
        let wanted = resources(text);
        let bare = request.imports.iter().find(|it| wanted[&it.id]["DeletionPolicy"].is_null());
        if let Some(it) = bare {
            return refused(format!(
                "Following resources to import [{}] must have DeletionPolicy attribute specified in the template",
                it.id
            ));
        }
        let others: Vec<String> = changes(&kept.template, text)
            .into_iter()
            .map(|change| change.id)
            .filter(|id| request.imports.iter().all(|it| it.id != *id))
            .collect();
        if !others.is_empty() {
            return refused(format!(
                "You have modified resources [{}] in your template that are not being imported. Update, create or delete \
                 operations cannot be executed during import operations.",
                others.join(", ")
            ));
        }
        if outputs("a", text) != outputs("a", &kept.template) {
            return refused("As part of the import operation, you cannot modify or add [Outputs]".to_owned());
        }
        for it in &request.imports {
            let name = physical(&it.identifier);
            if let Some(owner) = self.stacks.values().find(|other| has(other, &name)) {
                return Ok(Some(format!("Resource {name} already exists in stack {}", owner.stack.id)));
            }
            let is_there = self.outside.get(&it.kind).is_some_and(|rows| rows.iter().any(|row| row.0 == it.identifier));
            if !is_there {
                return Ok(Some(format!("Resource of type '{}' with identifier '{name}' was not found.", it.kind)));
            }
        }
        Ok(None)
    }

    /// Executes an import. The imported resources do not change.
    pub fn import(&mut self, kept: &mut Kept, template: String, imports: &[ToImport], at: u64, token: &str) {
        for it in imports {
            if self.fails(&it.id).is_some() {
                self.say(kept, Some(&it.id), "IMPORT_FAILED", "it is of another region", at - 3, token);
                self.say(kept, None, "IMPORT_ROLLBACK_COMPLETE", "", at, token);
                return;
            }
        }
        for ToImport { id, kind, identifier } in imports {
            let (physical, status) = (physical(identifier), "IMPORT_COMPLETE".to_owned());
            let resource = StackResource { id: id.clone(), physical, kind: kind.clone(), status };
            kept.resources.insert(id.clone(), resource);
            self.say(kept, Some(id), "IMPORT_COMPLETE", "", at - 3, token);
            if let Some(rows) = self.outside.get_mut(kind) {
                rows.retain(|row| row.0 != *identifier);
            }
        }
        kept.template = template;
        self.say(kept, None, "IMPORT_COMPLETE", "", at, token);
    }

    /// Returns the stack that contains a resource.
    pub fn owner(&self, region: &str, physical: &str) -> Option<String> {
        let mut rows = self.stacks.iter().filter(|((at, _), kept)| at == region && has(kept, physical));
        rows.next().map(|((_, name), _)| name.clone())
    }

    pub fn start_scan(&mut self, types: &[String]) -> Result<String, CloudError> {
        let now = i64::try_from(self.now).unwrap();
        if self.scans.iter().any(|it| now < it.started + SCAN) {
            let text = "A resource scan is already in progress. Please wait for it to complete.";
            return Err(error(Fault::State, "StartResourceScan", text));
        }
        let id = format!("arn:aws:cloudformation:ap-northeast-1:111122223333:resourceScan/{}", self.scans.len());
        let types = types.iter().cloned().collect();
        self.scans.push(Scan { id: id.clone(), types, started: now, ..Scan::default() });
        Ok(id)
    }

    pub fn scan(&self, id: &str) -> Result<Scan, CloudError> {
        let found = self.scans.iter().find(|it| it.id == id);
        let found = found.ok_or_else(|| error(Fault::Missing, "DescribeResourceScan", "none"))?;
        let is_done = i64::try_from(self.now).unwrap() >= found.started + SCAN;
        let status = if is_done { "COMPLETE" } else { "IN_PROGRESS" };
        let types = if is_done { found.types.clone() } else { Default::default() };
        // The age limit of scans uses the clock of this machine.
        let started = i64::try_from(meshsynth_deploy::time::now() * 1000).unwrap();
        Ok(Scan { status: status.to_owned(), types, started, ..found.clone() })
    }

    pub fn scanned(&self, kind: &str, name: Option<&str>) -> Vec<ScannedResource> {
        let outside = self.outside.get(kind).into_iter().flatten().filter(|row| name.is_none_or(|name| name == row.1));
        let outside = outside.map(|row| ScannedResource { identifier: row.0.clone(), is_managed: false });
        let managed = self.stacks.values().flat_map(|kept| kept.resources.values());
        let managed = managed.filter(|it| it.kind == kind && name.is_none()).map(|it| ScannedResource {
            identifier: identifiers(&serde_json::json!({ "Resources": { "A": { "Type": kind } } }).to_string())
                .remove("A")
                .unwrap_or_default()
                .into_iter()
                .map(|key| (key, it.physical.clone()))
                .collect(),
            is_managed: true,
        });
        outside.chain(managed).collect()
    }
}

fn has(kept: &Kept, physical: &str) -> bool {
    kept.resources.values().any(|it| it.physical == physical && it.status != "DELETE_COMPLETE")
}

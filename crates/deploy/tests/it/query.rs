//! The query protocol of CloudFormation and STS: form requests and XML responses.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use meshsynth_deploy::cloud::{ChangeSet, CloudError, Fault, Request, Scan, Secret, Template};

use crate::fake_import::{identifiers, imports};
use crate::world::{Kept, World, error};

/// Returns one page of a list, with three members.
fn page(rows: &[String], form: &BTreeMap<String, String>) -> (String, String) {
    let from: usize = form.get("NextToken").and_then(|token| token.parse().ok()).unwrap_or(0);
    let to = rows.len().min(from + 3);
    let members = rows[from..to].iter().map(|row| format!("<member>{row}</member>")).collect();
    (members, if to < rows.len() { format!("<NextToken>{to}</NextToken>") } else { String::new() })
}

fn tag(name: &str, value: &str) -> String {
    let value = value.replace('&', "&amp;").replace('<', "&lt;");
    if value.is_empty() { String::new() } else { format!("<{name}>{value}</{name}>") }
}

fn list(name: &str, rows: impl Iterator<Item = String>) -> String {
    format!("<{name}>{}</{name}>", rows.map(|row| format!("<member>{row}</member>")).collect::<String>())
}

fn described(kept: &Kept) -> String {
    let it = &kept.stack;
    let tags = list("Tags", it.tags.iter().map(|(key, value)| tag("Key", key) + &tag("Value", value)));
    let outputs = it.outputs.iter().map(|(key, value)| {
        let export = it.exports.get(key).map_or_else(String::new, |export| tag("ExportName", export));
        tag("OutputKey", key) + &tag("OutputValue", value) + &export
    });
    let protected = tag("EnableTerminationProtection", &it.protected.to_string());
    let head = tag("StackId", &it.id) + &tag("StackName", &it.name) + &tag("StackStatus", &it.status) + &protected;
    let updated = if it.updated == 0 { String::new() } else { tag("LastUpdatedTime", &time(it.updated)) };
    let parameters = list(
        "Parameters",
        it.parameters.iter().map(|name| {
            tag("ParameterKey", name)
                + &it.values.get(name).map_or_else(String::new, |value| tag("ParameterValue", value))
        }),
    );
    let head = head + "<CreationTime>2026-11-21T00:00:00Z</CreationTime>" + &updated;
    head + &tags + &list("Outputs", outputs) + &parameters
}

fn time(at: i64) -> String {
    let (hours, minutes, seconds) = (at / 3_600_000 % 24, at / 60_000 % 60, at / 1000 % 60);
    format!("2026-11-21T{hours:02}:{minutes:02}:{seconds:02}.{:03}Z", at % 1000)
}

/// Handles a form request in a region.
pub fn query(world: &mut World, region: &str, form: &BTreeMap<String, String>) -> Result<String, CloudError> {
    let empty = String::new();
    let get = |name: &str| form.get(name).unwrap_or(&empty).as_str();
    let (action, stack, set) = (get("Action"), get("StackName"), get("ChangeSetName"));
    *world.calls.entry(action.to_owned()).or_default() += 1;
    let mut out = String::new();
    match action {
        "GetCallerIdentity" => {
            // The credentials of a role belong to the account of the role.
            let role = world.signers.last().and_then(|(_, key)| world.roles.get(key).cloned());
            out += &tag("Account", role.as_deref().and_then(|arn| arn.split(':').nth(4)).unwrap_or("111122223333"));
            out += &tag("Arn", "arn:aws:iam::111122223333:user/ann");
        }
        "AssumeRole" if world.denies_roles => {
            let text =
                format!("User: ann is not authorized to perform: sts:AssumeRole on resource: {}", get("RoleArn"));
            return Err(error(Fault::Denied, action, text));
        }
        "AssumeRole" => {
            let key = format!("ASIA{}", world.roles.len());
            world.roles.insert(key.clone(), get("RoleArn").to_owned());
            world.assumed.push(format!("{} {} {}", get("RoleArn"), get("RoleSessionName"), get("ExternalId")));
            let user = tag("Arn", get("RoleArn")) + &tag("AssumedRoleId", "AROA:meshsynth");
            let keys =
                tag("AccessKeyId", &key) + &tag("SecretAccessKey", "not a secret") + &tag("SessionToken", "session");
            let _ = write!(
                out,
                "<AssumedRoleUser>{user}</AssumedRoleUser><Credentials>{keys}<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>"
            );
        }
        "DescribeStacks" => {
            let kept: Vec<&Kept> = match stack {
                "" if world.hides_stacks => {
                    return Err(error(Fault::Denied, action, "ann may not"));
                }
                "" => world.stacks.iter().filter(|((at, _), _)| at == region).map(|(_, kept)| kept).collect(),
                _ => world.find(region, stack).into_iter().collect(),
            };
            if kept.is_empty() && !stack.is_empty() {
                return Err(error(Fault::Missing, action, "none"));
            }
            let rows: Vec<String> = kept.into_iter().map(described).collect();
            let (members, next) = page(&rows, form);
            let _ = write!(out, "<Stacks>{members}</Stacks>{next}");
        }
        "GetTemplate" => {
            let kept = world.find(region, stack).ok_or_else(|| error(Fault::Missing, action, "none"))?;
            out += &tag("TemplateBody", &kept.template);
        }
        "DescribeStackEvents" => {
            let kept = world.find(region, stack).ok_or_else(|| error(Fault::Missing, action, "none"))?;
            let row = |it: &meshsynth_deploy::cloud::StackEvent| {
                let at = time(it.at);
                tag("EventId", &it.id)
                    + &tag("StackId", &kept.stack.id)
                    + &tag("StackName", &kept.stack.name)
                    + &tag("LogicalResourceId", &it.resource)
                    + &tag("ResourceType", &it.kind)
                    + &tag("Timestamp", &at)
                    + &tag("ResourceStatus", &it.status)
                    + &tag("ResourceStatusReason", &it.reason)
                    + &tag("ClientRequestToken", &it.token)
            };
            let rows: Vec<String> = kept.events.iter().rev().map(row).collect();
            let (members, next) = page(&rows, form);
            let _ = write!(out, "<StackEvents>{members}</StackEvents>{next}");
        }
        "ListStackResources" => {
            let kept = world.find(region, stack).ok_or_else(|| error(Fault::Missing, action, "none"))?;
            let rows: Vec<String> = kept
                .resources
                .values()
                .map(|it| {
                    tag("LogicalResourceId", &it.id)
                        + &tag("PhysicalResourceId", &it.physical)
                        + &tag("ResourceType", &it.kind)
                        + &tag("ResourceStatus", &it.status)
                        + "<LastUpdatedTimestamp>2026-11-21T00:00:00Z</LastUpdatedTimestamp>"
                })
                .collect();
            let (members, next) = page(&rows, form);
            let _ = write!(out, "<StackResourceSummaries>{members}</StackResourceSummaries>{next}");
        }
        "CreateChangeSet" => {
            let members = |name: &str, key: &str, value: &str| {
                let row = |n: usize| {
                    let at = |field: &str| form.get(&format!("{name}.member.{n}.{field}")).cloned();
                    Some((at(key)?, at(value)))
                };
                (1..).map_while(row).collect::<BTreeMap<_, _>>()
            };
            let parameters = members("Parameters", "ParameterKey", "ParameterValue");
            let request = Request {
                stack: stack.to_owned(),
                name: set.to_owned(),
                // An import request does not specify whether the stack exists.
                create: match get("ChangeSetType") {
                    "IMPORT" => world.find(region, stack).is_none_or(|it| it.stack.status == "REVIEW_IN_PROGRESS"),
                    kind => kind == "CREATE",
                },
                template: match form.get("TemplateURL") {
                    Some(address) => Template::Address(address.clone()),
                    None => Template::Text(get("TemplateBody").to_owned()),
                },
                parameters: parameters.into_iter().map(|(key, value)| (key, value.map(Secret))).collect(),
                capabilities: Vec::new(),
                tags: members("Tags", "Key", "Value")
                    .into_iter()
                    .map(|(key, value)| (key, value.unwrap_or_default()))
                    .collect(),
                role: None,
                imports: imports(form),
            };
            world.create_change_set(region, &request)?;
            out += &tag("Id", set);
        }
        "DescribeChangeSet" => {
            let kept = world.find(region, stack).and_then(|kept| kept.sets.get(set));
            let (it, ..) = kept.ok_or_else(|| error(Fault::Missing, action, "none"))?;
            let ChangeSet { status, reason, execution, changes } = it;
            let rows: Vec<String> = changes
                .iter()
                .map(|it| {
                    format!(
                        "<ResourceChange>{}{}{}{}</ResourceChange>",
                        tag("LogicalResourceId", &it.id),
                        tag("ResourceType", &it.kind),
                        tag("Action", &it.action),
                        tag("Replacement", &it.replacement)
                    )
                })
                .collect();
            let (members, next) = page(&rows, form);
            out += &(tag("Status", status) + &tag("StatusReason", reason) + &tag("ExecutionStatus", execution));
            let _ = write!(out, "<Changes>{members}</Changes>{next}");
        }
        "GetStackPolicy" => {
            let kept = world.find(region, stack).ok_or_else(|| error(Fault::Missing, action, "none"))?;
            out += &tag("StackPolicyBody", kept.policy.as_deref().unwrap_or_default());
        }
        "GetTemplateSummary" => {
            let rows = identifiers(get("TemplateBody")).into_iter().map(|(id, names)| {
                let names = list("ResourceIdentifiers", names.into_iter().map(|it| it.replace('<', "&lt;")));
                list("LogicalResourceIds", [id].into_iter()) + &names
            });
            out += &list("ResourceIdentifierSummaries", rows);
        }
        "DescribeStackResources" => {
            let physical = get("PhysicalResourceId");
            let owner = world.owner(region, physical);
            let owner =
                owner.ok_or_else(|| error(Fault::Missing, action, format!("Stack for {physical} does not exist")))?;
            let row = tag("StackName", &owner) + &tag("PhysicalResourceId", physical);
            out += &list("StackResources", [row].into_iter());
        }
        "ListResourceScans" => {
            let row = |it: &Scan| {
                tag("ResourceScanId", &it.id) + &tag("Status", &it.status) + &tag("StartTime", &time(it.started))
            };
            out += &list("ResourceScanSummaries", world.scans.iter().map(row));
        }
        "StartResourceScan" => {
            let types: Vec<String> =
                (1..).map_while(|n| form.get(&format!("ScanFilters.member.1.Types.member.{n}")).cloned()).collect();
            out += &tag("ResourceScanId", &world.start_scan(&types)?);
        }
        "DescribeResourceScan" => {
            let it = world.scan(get("ResourceScanId"))?;
            out += &(tag("Status", &it.status) + &tag("StartTime", &time(it.started)));
            out += &list("ResourceTypes", it.types.iter().cloned());
        }
        "ListResourceScanResources" => {
            let kind = get("ResourceTypePrefix");
            let name = form.get("TagValue").map(String::as_str);
            let rows = world.scanned(kind, name).into_iter().map(|it| {
                let entries: String = it
                    .identifier
                    .iter()
                    .map(|(key, value)| format!("<entry>{}{}</entry>", tag("key", key), tag("value", value)))
                    .collect();
                let managed = tag("ManagedByStack", &it.is_managed.to_string());
                tag("ResourceType", kind) + &format!("<ResourceIdentifier>{entries}</ResourceIdentifier>") + &managed
            });
            let (members, next) = page(&rows.collect::<Vec<_>>(), form);
            let _ = write!(out, "<Resources>{members}</Resources>{next}");
        }
        "CreateStackRefactor" => {
            out += &tag("StackRefactorId", &world.create_refactor(region, &crate::fake_refactor::request(form)));
        }
        "DescribeStackRefactor" => {
            let it = world.refactor(get("StackRefactorId"));
            out += &(tag("Status", &it.status) + &tag("StatusReason", &it.reason));
            out += &(tag("ExecutionStatus", &it.execution) + &tag("ExecutionStatusReason", &it.execution_reason));
            out += &list("StackIds", it.stacks.into_iter());
        }
        "ListStackRefactors" => {
            let row = |it: &crate::fake_refactor::Kept| {
                tag("StackRefactorId", &it.id) + &tag("Description", &it.request.description)
            };
            let (members, next) = page(&world.refactors.iter().map(row).collect::<Vec<_>>(), form);
            let _ = write!(out, "<StackRefactorSummaries>{members}</StackRefactorSummaries>{next}");
        }
        "ListImports" => {
            let export = get("ExportName");
            let all = world.importers(region, export);
            if all.is_empty() {
                return Err(error(Fault::Refused, action, format!("Export '{export}' is not imported by any stack.")));
            }
            let (members, next) = page(&all, form);
            let _ = write!(out, "<Imports>{members}</Imports>{next}");
        }
        "ExecuteStackRefactor" => world.execute_refactor(get("StackRefactorId"))?,
        "DetectStackDrift" => out += &tag("StackDriftDetectionId", "check"),
        "DescribeStackDriftDetectionStatus" => {
            out += &(tag("StackId", "s") + &tag("StackDriftDetectionId", "check"));
            out += &(tag("DetectionStatus", "DETECTION_COMPLETE") + &tag("Timestamp", "2026-11-21T00:00:00Z"));
        }
        "DescribeStackResourceDrifts" => {
            let row = |id: &String| {
                tag("StackId", "s")
                    + &tag("LogicalResourceId", id)
                    + &tag("ResourceType", "AWS::SQS::Queue")
                    + &tag("StackResourceDriftStatus", "MODIFIED")
                    + &tag("Timestamp", "2026-11-21T00:00:00Z")
            };
            let (members, next) = page(&world.drifted.iter().map(row).collect::<Vec<_>>(), form);
            let _ = write!(out, "<StackResourceDrifts>{members}</StackResourceDrifts>{next}");
        }
        "DescribeEvents" => {
            let rows = if set.is_empty() { &world.late_findings } else { &world.findings };
            let token = if set.is_empty() { world.refused.as_str() } else { "" };
            let found = rows.iter().map(|(id, reason)| {
                tag("EventId", id)
                    + &tag("ResourceType", "AWS::SQS::Queue")
                    + &tag("EventType", "VALIDATION_ERROR")
                    + &tag("ValidationStatus", "FAILED")
                    + &tag("ValidationStatusReason", reason)
                    + &tag("ValidationPath", &format!("/Resources/{id}/Properties/DelaySeconds"))
                    + &tag("ClientRequestToken", token)
            });
            let (members, next) = page(&found.collect::<Vec<_>>(), form);
            let _ = write!(out, "<OperationEvents>{members}</OperationEvents>{next}");
        }
        "DeleteChangeSet" => {
            if let Some(kept) = world.find_mut(region, stack) {
                kept.sets.remove(set);
            }
        }
        "ExecuteChangeSet" => world.execute(region, stack, set, get("ClientRequestToken"))?,
        "DeleteStack" => world.delete(region, stack, &[], get("ClientRequestToken"))?,
        "UpdateTerminationProtection" => {
            let kept = world.find_mut(region, stack).ok_or_else(|| error(Fault::Missing, action, "none"))?;
            kept.stack.protected = get("EnableTerminationProtection") == "true";
        }
        other => return Err(error(Fault::Refused, other, "this endpoint does not know it")),
    }
    Ok(format!("<{action}Response><{action}Result>{out}</{action}Result></{action}Response>"))
}

//! The world behind HTTP: CloudFormation's query protocol and a little of S3, on loopback, with faults on the way.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use meshsynth_deploy::cloud::{ChangeSet, CloudError, Fault, Request, Secret, Template};

use crate::world::{Kept, World, error};

/// What happens to a call, by turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Fine,
    Throttled,
    Broken,
    Dropped,
    /// The credentials are not known.
    Stranger,
    /// We may not.
    Forbidden,
    /// The work is done, and the answer never comes.
    Silent,
}

/// An endpoint of AWS.
pub struct Endpoint {
    pub address: String,
    pub world: Arc<Mutex<World>>,
    /// What happens to the next calls; fine once they are used up.
    pub turns: Arc<Mutex<Vec<Turn>>>,
}

impl Endpoint {
    /// Time goes twenty times as fast there.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let world = Arc::new(Mutex::new(World { now: 1_000_000, takes: 20_000, ..World::default() }));
        let turns = Arc::new(Mutex::new(Vec::new()));
        let (shared, shared_turns, begin, base) =
            (Arc::clone(&world), Arc::clone(&turns), Instant::now(), address.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (world, turns, base) = (Arc::clone(&shared), Arc::clone(&shared_turns), base.clone());
                thread::spawn(move || serve(&stream, &world, &turns, begin, &base));
            }
        });
        Self { address, world, turns }
    }
}

fn serve(stream: &TcpStream, world: &Mutex<World>, turns: &Mutex<Vec<Turn>>, begin: Instant, base: &str) {
    let mut reader = BufReader::new(stream);
    while let Some(Call { method, path, headers, body }) = read(&mut reader) {
        let turn = turns.lock().unwrap().pop().unwrap_or(Turn::Fine);
        let mut more = String::new();
        let answer = match turn {
            Turn::Throttled => Err(error(Fault::Throttled, "any", "Rate exceeded")),
            Turn::Broken => Err(error(Fault::Unreachable, "any", "try again")),
            Turn::Dropped => return,
            Turn::Stranger => {
                Err(error(Fault::Credentials, "any", "The security token included in the request is invalid"))
            }
            Turn::Forbidden => Err(error(Fault::Denied, "any", "ann may not")),
            Turn::Fine | Turn::Silent => {
                let mut world = world.lock().unwrap();
                world.now = 1_000_000 + u64::try_from(begin.elapsed().as_millis()).unwrap() * 20;
                world.settle();
                let signer = headers.get("authorization").cloned().unwrap_or_default();
                let signer = signer.split("Credential=").nth(1).and_then(|it| it.split('/').next().map(str::to_owned));
                let what = if path == "/" { form(&body)["Action"].clone() } else { path.clone() };
                world.signers.push((what, signer.unwrap_or_default()));
                if path == "/" {
                    query(&mut world, &form(&body))
                } else if path.starts_with("/clusters/") {
                    describe_cluster(&world, &path)
                } else {
                    s3(&mut world, &method, &format!("{base}{path}"), &headers, &body, &mut more)
                }
            }
        };
        if turn == Turn::Silent {
            thread::sleep(Duration::from_secs(2));
            return;
        }
        let (status, text) = match answer {
            Ok(text) => (200, text),
            Err(it) => refusal(&it, &path),
        };
        let body = if method == "HEAD" { "" } else { text.as_str() };
        let head =
            format!("HTTP/1.1 {status} X\r\ncontent-type: text/xml\r\n{more}content-length: {}\r\n\r\n", body.len());
        if (&*stream).write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

struct Call {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Call> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; headers.get("content-length").and_then(|it| it.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Call { method, path: path.split('?').next()?.to_owned(), headers, body })
}

fn form(body: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| {
        let (bytes, mut out, mut idx) = (text.as_bytes(), Vec::new(), 0);
        while idx < bytes.len() {
            match bytes[idx] {
                b'%' => {
                    out.push(u8::from_str_radix(&text[idx + 1..idx + 3], 16).unwrap());
                    idx += 2;
                }
                b'+' => out.push(b' '),
                byte => out.push(byte),
            }
            idx += 1;
        }
        String::from_utf8(out).unwrap()
    };
    body.split('&').filter_map(|pair| pair.split_once('=')).map(|(key, value)| (decode(key), decode(value))).collect()
}

fn refusal(error: &CloudError, path: &str) -> (u16, String) {
    let (status, code) = match error.fault {
        Fault::Throttled => (400, "Throttling"),
        Fault::Unreachable => (503, "ServiceUnavailable"),
        Fault::Exists => (400, "AlreadyExistsException"),
        Fault::Missing if error.call.contains("ChangeSet") => (404, "ChangeSetNotFound"),
        Fault::Missing if error.call.contains("Object") => (404, "NoSuchKey"),
        Fault::State if error.call.contains("Object") => (412, "PreconditionFailed"),
        Fault::State if error.call.contains("Execute") => (400, "InvalidChangeSetStatus"),
        Fault::Denied => (403, "AccessDenied"),
        Fault::Credentials => (403, "InvalidClientTokenId"),
        _ => (400, "ValidationError"),
    };
    let text = if error.fault == Fault::Missing { "it does not exist" } else { &error.text };
    let body = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>");
    // S3 wraps its errors in nothing.
    (status, if path == "/" { format!("<ErrorResponse>{body}</ErrorResponse>") } else { body })
}

fn s3(
    world: &mut World,
    method: &str,
    address: &str,
    headers: &BTreeMap<String, String>,
    body: &str,
    more: &mut String,
) -> Result<String, CloudError> {
    *world.calls.entry(format!("s3 {method}")).or_default() += 1;
    if !headers.contains_key("x-amz-expected-bucket-owner") {
        return Err(error(Fault::Denied, "any", "whose bucket is it?"));
    }
    let was = headers.get("if-match").map(String::as_str);
    if method == "PUT" && (was.is_some() || headers.contains_key("if-none-match")) {
        *more = format!("etag: {}\r\n", world.put_object(address, body, was)?);
    } else if method == "PUT" {
        world.bucket.insert(address.to_owned(), body.to_owned());
    } else if let Some((text, version, at)) = world.objects.get(address) {
        let date = |at: u64| {
            format!("Sat, 21 Nov 2026 {:02}:{:02}:{:02} GMT", at / 3_600_000 % 24, at / 60_000 % 60, at / 1000 % 60)
        };
        *more = format!("etag: \"{version}\"\r\nlast-modified: {}\r\ndate: {}\r\n", date(*at), date(world.now));
        return Ok(text.clone());
    } else if !world.bucket.contains_key(address) {
        return Err(error(Fault::Missing, "GetObject", "none"));
    }
    Ok(String::new())
}

/// EKS: the address of a cluster.
fn describe_cluster(world: &World, path: &str) -> Result<String, CloudError> {
    let name = path.rsplit('/').next().unwrap();
    let server =
        world.clusters.get(name).ok_or_else(|| error(Fault::Refused, "DescribeCluster", "No cluster found"))?;
    let authority = STANDARD.encode(include_str!("authority.pem"));
    let cluster = serde_json::json!({
        "name": name, "status": "ACTIVE", "endpoint": server, "certificateAuthority": { "data": authority }
    });
    Ok(serde_json::json!({ "cluster": cluster }).to_string())
}

/// One page of a list: three members at a time.
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
    let outputs = it.outputs.iter().map(|(key, value)| tag("OutputKey", key) + &tag("OutputValue", value));
    let protected = tag("EnableTerminationProtection", &it.protected.to_string());
    let head = tag("StackId", &it.id) + &tag("StackName", &it.name) + &tag("StackStatus", &it.status) + &protected;
    head + "<CreationTime>2026-11-21T00:00:00Z</CreationTime>" + &tags + &list("Outputs", outputs)
}

fn query(world: &mut World, form: &BTreeMap<String, String>) -> Result<String, CloudError> {
    let empty = String::new();
    let get = |name: &str| form.get(name).unwrap_or(&empty).as_str();
    let (action, stack, set) = (get("Action"), get("StackName"), get("ChangeSetName"));
    let region = "ap-northeast-1";
    *world.calls.entry(action.to_owned()).or_default() += 1;
    let mut out = String::new();
    match action {
        "GetCallerIdentity" => {
            // The credentials of a role are of its account.
            let role = world.signers.last().and_then(|(_, key)| world.roles.get(key).cloned());
            out += &tag("Account", role.as_deref().and_then(|arn| arn.split(':').nth(4)).unwrap_or("111122223333"));
            out += &tag("Arn", "arn:aws:iam::111122223333:user/ann");
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
                "" => world.stacks.values().collect(),
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
            let row = |it: &meshsynth_deploy::cloud::Event| {
                let at = format!(
                    "2026-11-21T{:02}:{:02}:{:02}.{:03}Z",
                    it.at / 3_600_000 % 24,
                    it.at / 60_000 % 60,
                    it.at / 1000 % 60,
                    it.at % 1000
                );
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
                create: get("ChangeSetType") == "CREATE",
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
            let found = world.findings.iter().map(|(id, reason)| {
                tag("EventId", id)
                    + &tag("LogicalResourceId", id)
                    + &tag("ResourceType", "AWS::SQS::Queue")
                    + &tag("EventType", "VALIDATION_ERROR")
                    + &tag("ValidationStatus", "FAILED")
                    + &tag("ValidationStatusReason", reason)
                    + &tag("ValidationPath", &format!("/Resources/{id}/Properties"))
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

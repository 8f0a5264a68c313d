//! The world behind HTTP: CloudFormation's query protocol and a little of S3, on loopback, with faults on the way.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

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
    while let Some((method, path, body)) = read(&mut reader) {
        let turn = turns.lock().unwrap().pop().unwrap_or(Turn::Fine);
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
                if path == "/" {
                    query(&mut world, &form(&body))
                } else {
                    s3(&mut world, &method, &format!("{base}{path}"), &body)
                }
            }
        };
        if turn == Turn::Silent {
            thread::sleep(Duration::from_secs(2));
            return;
        }
        let (status, text) = match answer {
            Ok(text) => (200, text),
            Err(it) => refusal(&it),
        };
        let body = if method == "HEAD" { "" } else { text.as_str() };
        let head = format!("HTTP/1.1 {status} X\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n", body.len());
        if (&*stream).write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<(String, String, String)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if header.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((method, path.split('?').next()?.to_owned(), String::from_utf8_lossy(&body).into_owned()))
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

fn refusal(error: &CloudError) -> (u16, String) {
    let (status, code) = match error.fault {
        Fault::Throttled => (400, "Throttling"),
        Fault::Unreachable => (503, "ServiceUnavailable"),
        Fault::Exists => (400, "AlreadyExistsException"),
        Fault::Missing if error.call.contains("ChangeSet") => (404, "ChangeSetNotFound"),
        Fault::Missing if error.call.contains("Object") => (404, "NoSuchKey"),
        Fault::State if error.call.contains("Execute") => (400, "InvalidChangeSetStatus"),
        Fault::Denied => (403, "AccessDenied"),
        Fault::Credentials => (403, "InvalidClientTokenId"),
        _ => (400, "ValidationError"),
    };
    let text = if error.fault == Fault::Missing { "it does not exist" } else { &error.text };
    (
        status,
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error></ErrorResponse>"
        ),
    )
}

fn s3(world: &mut World, method: &str, address: &str, body: &str) -> Result<String, CloudError> {
    *world.calls.entry(format!("s3 {method}")).or_default() += 1;
    if method == "PUT" {
        world.bucket.insert(address.to_owned(), body.to_owned());
    } else if !world.bucket.contains_key(address) {
        return Err(error(Fault::Missing, "GetObject", "none"));
    }
    Ok(String::new())
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
            out += &(tag("Account", "111122223333") + &tag("Arn", "arn:aws:iam::111122223333:user/ann"));
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

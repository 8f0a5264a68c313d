//! The simulated AWS behind HTTP on the loopback interface: CloudFormation, parts of S3 and EKS, with injected faults.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use meshsynth_deploy::cloud::{CloudError, Fault};

use crate::query::query;
use crate::world::{World, error};

/// The result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Fine,
    Throttled,
    Broken,
    Dropped,
    /// The credentials are unknown.
    Stranger,
    /// The permissions are insufficient.
    Forbidden,
    /// The signature shows a wrong clock.
    Skewed,
    /// The call is executed, but its response never arrives.
    Silent,
}

/// A simulated AWS endpoint.
pub struct Endpoint {
    pub address: String,
    pub world: Arc<Mutex<World>>,
    /// The results of the next calls. Later calls succeed.
    pub turns: Arc<Mutex<Vec<Turn>>>,
}

impl Endpoint {
    /// Starts the endpoint. Its time is 20 times faster.
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
            Turn::Skewed => Err(error(
                Fault::ClockSkew,
                "any",
                "Signature expired: 20261121T060000Z is now earlier than 20261121T061500Z (20261121T063000Z - 15 min.)",
            )),
            Turn::Fine | Turn::Silent => {
                let mut world = world.lock().unwrap();
                world.now = 1_000_000 + u64::try_from(begin.elapsed().as_millis()).unwrap() * 20;
                world.settle();
                // The format is `Credential=<key>/<day>/<region>/<service>/aws4_request`.
                let signed = headers.get("authorization").cloned().unwrap_or_default();
                let scope = signed.split("Credential=").nth(1).unwrap_or_default();
                let part = |n: usize| scope.split('/').nth(n).unwrap_or_default().to_owned();
                let (signer, region) = (part(0), part(2));
                let what = if path == "/" { form(&body)["Action"].clone() } else { path.clone() };
                world.signers.push((what, signer));
                if path == "/" {
                    query(&mut world, &region, &form(&body))
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
    // A request through a proxy also contains the host.
    let path = match path.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]).to_owned(),
        None => path,
    };
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
        Fault::State if error.call.contains("Scan") => (400, "ResourceScanInProgress"),
        Fault::State if error.call.contains("Execute") => (400, "InvalidChangeSetStatus"),
        Fault::Denied => (403, "AccessDenied"),
        Fault::Credentials => (403, "InvalidClientTokenId"),
        Fault::ClockSkew => (403, "SignatureDoesNotMatch"),
        _ => (400, "ValidationError"),
    };
    let text = if error.fault == Fault::Missing { "it does not exist" } else { &error.text };
    let body = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>");
    // S3 errors have no outer element.
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

/// Returns the endpoint of an EKS cluster.
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

//! URLs: absolute ones, and absolute paths.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-url-library>

use std::collections::{BTreeMap, HashMap};

use cel::common::types::{CelMap, CelMapKey, CelString, STRING_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env};

use super::{Args, Returned, arg, fault, opaque, text, texts};
use crate::expressions::unknown::truth;

/// The names of the functions.
pub const NAMES: &[&str] =
    &["url", "isURL", "getScheme", "getHost", "getHostname", "getPort", "getEscapedPath", "getQuery"];

/// The parts of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    scheme: String,
    /// The host with the port, and with the brackets of IPv6.
    host: String,
    path: String,
    query: String,
}

opaque!(Url, "kubernetes.URL");

impl Url {
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.contains(|c: char| c.is_control() || c == ' ') {
            return None;
        }
        let (rest, query) = text.split_once('?').unwrap_or((text, ""));
        let query = query.to_owned();
        if rest.starts_with('/') {
            // Two slashes start a host without a scheme, which is not an absolute URL.
            let (scheme, host) = (String::new(), String::new());
            return is_escaped(rest).then(|| Self { scheme, host, path: rest.to_owned(), query });
        }
        let (scheme, rest) = rest.split_once(':')?;
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        let after = rest.strip_prefix("//");
        let (host, path) = match after {
            Some(after) => after.split_at(after.find('/').unwrap_or(after.len())),
            None => ("", rest),
        };
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        if !is_scheme || !is_host(host) || !is_escaped(path) || after.is_none() && !path.starts_with('/') {
            return None;
        }
        Some(Self { scheme: scheme.to_ascii_lowercase(), host: host.to_owned(), path: path.to_owned(), query })
    }

    fn hostname(&self) -> &str {
        match self.host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => self.host.split(':').next().unwrap_or_default(),
        }
    }

    fn port(&self) -> &str {
        let after = self.host.rsplit_once(']').map_or(self.host.as_str(), |(_, after)| after);
        after.rsplit_once(':').map_or("", |(_, port)| port)
    }
}

/// Whether a text is a URL.
pub(super) fn is_url(text: &str) -> bool {
    Url::parse(text).is_some()
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(']') {
        Some((name, after)) => (name, after.strip_prefix(':').unwrap_or_default()),
        None => host.split_once(':').unwrap_or((host, "")),
    };
    let is_bracketed = host.contains(']') == name.starts_with('[');
    is_bracketed
        && port.chars().all(|c| c.is_ascii_digit())
        && !name.contains(['<', '>', '"', '\\', '^', '`', '{', '}', '|'])
}

/// Whether two hexadecimal digits follow each `%`.
fn is_escaped(path: &str) -> bool {
    let mut rest = path.split('%');
    rest.next();
    rest.all(|part| part.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)))
}

/// Escapes a path for a URL.
fn escaped(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-_.~/%!$&'()*+,;=:@".contains(&byte);
        if is_plain { out.push(char::from(byte)) } else { out.push_str(&format!("%{byte:02X}")) }
    }
    out
}

/// Decodes a part of a query.
fn decoded(text: &str) -> Option<String> {
    if !is_escaped(text) {
        return None;
    }
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    let own = || Url::own_type();
    env.add_type(own())?;
    env.add_overload("url", "url(string)", vec![STRING_TYPE], |args| {
        let text = text(&args, 0)?;
        Url::parse(text).map(CowVal::owned).ok_or_else(|| fault("url", format!("`{text}` is not a URL")))
    })?;
    env.add_overload("isURL", "isURL(string)", vec![STRING_TYPE], |args| {
        Ok(truth(Url::parse(text(&args, 0)?).is_some()))
    })?;
    env.add_member_overload("getScheme", "url.getScheme()", own(), vec![], |args| {
        part(&args, |url| url.scheme.clone())
    })?;
    env.add_member_overload("getHost", "url.getHost()", own(), vec![], |args| part(&args, |url| url.host.clone()))?;
    env.add_member_overload("getHostname", "url.getHostname()", own(), vec![], |args| {
        part(&args, |url| url.hostname().to_owned())
    })?;
    env.add_member_overload("getPort", "url.getPort()", own(), vec![], |args| {
        part(&args, |url| url.port().to_owned())
    })?;
    env.add_member_overload("getEscapedPath", "url.getEscapedPath()", own(), vec![], |args| {
        part(&args, |url| escaped(&url.path))
    })?;
    env.add_member_overload("getQuery", "url.getQuery()", own(), vec![], query)
}

fn part<'b, 'v>(args: &Args<'b, 'v>, of: fn(&Url) -> String) -> Returned<'b, 'v> {
    Ok(CowVal::owned(CelString::from(of(arg::<Url>(args, 0)?))))
}

fn query<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in arg::<Url>(&args, 0)?.query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if let (Some(key), Some(value)) = (decoded(key), decoded(value)) {
            all.entry(key).or_default().push(value);
        }
    }
    let entry = |(key, values): (String, Vec<String>)| {
        let values = texts(values.iter().map(String::as_str)).into_owned();
        (CelMapKey::from(key), super::kept(values.as_ref()))
    };
    let map: HashMap<CelMapKey<'static>, Box<dyn Val>> = all.into_iter().map(entry).collect();
    Ok(CowVal::owned(CelMap::from(map)))
}

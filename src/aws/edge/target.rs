//! What a record says.

use crate::cfn::route53::record_set;
use crate::val::{Bag, Data, List, Val, Value};

/// What has a name in AWS that an alias record can stand for.
pub trait AliasTarget {
    /// Returns its name, and the zone of AWS which that name is in.
    fn alias(&self) -> (Val<String>, Val<String>);

    /// Returns whether Route 53 may ask for its health. A CloudFront distribution has none.
    fn has_health(&self) -> bool {
        true
    }

    /// Returns whether it has IPv6 addresses as well: its alias then answers for both.
    fn has_ipv6(&self) -> bool {
        false
    }
}

/// Who may issue certificates for a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caa {
    /// This authority, such as `amazon.com`.
    Issue(String),
    /// This authority for wildcards; others by `Issue` may then not.
    IssueWild(String),
    /// Nobody.
    Nobody,
    /// Whoever refuses tells this address, such as `mailto:security@example.com`.
    Report(String),
}

impl Caa {
    fn text(&self) -> String {
        match self {
            Caa::Issue(authority) => format!("0 issue \"{authority}\""),
            Caa::IssueWild(authority) => format!("0 issuewild \"{authority}\""),
            Caa::Nobody => "0 issue \";\"".to_owned(),
            Caa::Report(address) => format!("0 iodef \"{address}\""),
        }
    }
}

/// A server of a service, as an SRV record names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// Which servers are asked first: the smallest.
    pub priority: u16,
    /// Its share among servers of one priority.
    pub weight: u16,
    /// Its port.
    pub port: u16,
    /// Its name.
    pub host: Val<String>,
}

/// What a record says.
#[derive(Clone, Debug)]
pub enum Target {
    /// IPv4 addresses.
    A(Vec<Val<String>>),
    /// IPv6 addresses.
    Aaaa(Vec<Val<String>>),
    /// Another name; not for the domain itself, which takes an alias.
    Cname(Val<String>),
    /// Texts, without their quotes. A text of more than 255 bytes is cut, as DNS wants it.
    Txt(Vec<String>),
    /// The servers that take mail: priority, the smallest first, and name.
    Mx(Vec<(u16, Val<String>)>),
    /// The servers of a service, of a name such as `_sip._tcp.example.com`.
    Srv(Vec<Server>),
    /// Who may issue certificates.
    Caa(Vec<Caa>),
    /// The name servers of a part of the domain; `HostedZone::delegate` names those of a zone.
    Ns(Val<List<String>>),
    /// Whatever AWS serves under `name`: free of charge, and allowed for the domain itself.
    Alias {
        /// The name in AWS.
        name: Val<String>,
        /// The zone which that name is in.
        zone: Val<String>,
        /// Whether an unhealthy target is left out of answers.
        evaluate_health: bool,
        /// Whether it has IPv6 addresses as well.
        ipv6: bool,
    },
}

/// What stands in one record.
pub(super) enum Content {
    Values(Data),
    Alias(record_set::AliasTarget),
}

impl Target {
    /// An alias of a load balancer, a distribution or an accelerator.
    pub fn alias(of: &impl AliasTarget) -> Self {
        let (name, zone) = of.alias();
        Target::Alias { name, zone, evaluate_health: of.has_health(), ipv6: of.has_ipv6() }
    }

    /// The name servers by their names.
    pub fn name_servers(names: impl IntoIterator<Item = impl Into<Val<String>>>) -> Self {
        Target::Ns(Val::Known(names.into_iter().collect()))
    }

    /// Returns the records that it takes: type and content.
    pub(super) fn records(self) -> Vec<(&'static str, Content)> {
        let values = |kind, values: Vec<Data>| vec![(kind, Content::Values(Data::List(values)))];
        let plain = |names: Vec<Val<String>>| names.into_iter().map(Value::into_data).collect::<Vec<_>>();
        match self {
            Target::A(addresses) => values("A", plain(addresses)),
            Target::Aaaa(addresses) => values("AAAA", plain(addresses)),
            Target::Cname(other) => values("CNAME", plain(vec![other])),
            Target::Txt(texts) => values("TXT", texts.iter().map(|text| Data::from(quoted(text))).collect()),
            Target::Mx(servers) => {
                let server = |(priority, name)| crate::text![format!("{priority} "), name].into_data();
                values("MX", servers.into_iter().map(server).collect())
            }
            Target::Srv(servers) => {
                let server = |it: Server| {
                    crate::text![format!("{} {} {} ", it.priority, it.weight, it.port), it.host].into_data()
                };
                values("SRV", servers.into_iter().map(server).collect())
            }
            Target::Caa(all) => values("CAA", all.iter().map(|it| Data::from(it.text())).collect()),
            Target::Ns(names) => vec![("NS", Content::Values(names.into_data()))],
            Target::Alias { name, zone, evaluate_health, ipv6 } => {
                let alias = record_set::AliasTarget::new(name, zone).evaluate_target_health(evaluate_health);
                let types = if ipv6 { &["A", "AAAA"][..] } else { &["A"] };
                types.iter().map(|kind| (*kind, Content::Alias(alias.clone()))).collect()
            }
        }
    }
}

/// Returns a text in quotes, in pieces of 255 bytes at most.
///
/// Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#TXTFormat>
fn quoted(text: &str) -> String {
    let mut pieces = vec![String::new()];
    for letter in text.chars() {
        let last = pieces.last_mut().expect("there is one from the beginning");
        if last.len() + letter.len_utf8() > 255 {
            pieces.push(letter.to_string());
        } else {
            last.push(letter);
        }
    }
    let quote = |piece: &String| format!("\"{}\"", piece.replace('\\', "\\\\").replace('"', "\\\""));
    pieces.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// Returns a record as its owner must write it, where the zone is somebody else's.
pub(super) fn document(name: &str, kind: &str, content: Content, ttl: &str) -> Bag {
    let record = Bag::default().with("Name", name).with("Type", kind);
    match content {
        Content::Values(values) => record.with("TTL", ttl).with("ResourceRecords", values),
        Content::Alias(alias) => record.with("AliasTarget", Data::from(alias)),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_long_text_is_cut_into_pieces() {
        let long = "k".repeat(300);
        assert_eq!(quoted(&long), format!("\"{}\" \"{}\"", "k".repeat(255), "k".repeat(45)));
        assert_eq!(quoted("v=\"1\""), r#""v=\"1\"""#);
    }
}

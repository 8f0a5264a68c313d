//! The values of DNS records.

use crate::cfn::route53::record_set;
use crate::val::{Bag, Data, List, Val, Value};

/// A resource with an AWS host name that an alias record can refer to.
pub trait AliasTarget {
    /// Returns its host name and the hosted zone of that name.
    fn alias(&self) -> (Val<String>, Val<String>);

    /// Returns whether Route 53 can evaluate its health. CloudFront distributions do not support
    /// this.
    fn has_health(&self) -> bool {
        true
    }

    /// Returns whether it also has IPv6 addresses, so that its alias answers AAAA queries.
    fn has_ipv6(&self) -> bool {
        false
    }
}

/// A CAA value: a rule for the certificate authorities of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caa {
    /// This authority may issue certificates, such as `amazon.com`.
    Issue(String),
    /// This authority may issue wildcard certificates. If a domain has such a value, the authorities of `Issue` may not
    /// issue wildcard certificates.
    IssueWild(String),
    /// No authority may issue certificates.
    Nobody,
    /// An authority that rejects a request reports it to this URL, such as
    /// `mailto:security@example.com`.
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

/// A server of an SRV record.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// The priority. Clients contact the servers with the smallest number first.
    pub priority: u16,
    /// The relative weight among servers of the same priority.
    pub weight: u16,
    /// Its port.
    pub port: u16,
    /// Its name.
    pub host: Val<String>,
}

/// The value of a record.
#[derive(Clone, Debug)]
pub enum Target {
    /// IPv4 addresses.
    A(Vec<Val<String>>),
    /// IPv6 addresses.
    Aaaa(Vec<Val<String>>),
    /// Another host name. For the domain of the zone itself, use an alias instead.
    Cname(Val<String>),
    /// Texts without quotes. A text of more than 255 bytes is split, as DNS requires.
    Txt(Vec<String>),
    /// Mail servers: priority (the smallest first) and name.
    Mx(Vec<(u16, Val<String>)>),
    /// The servers of a service, for a name such as `_sip._tcp.example.com`.
    Srv(Vec<Server>),
    /// The certificate authorities of the domain.
    Caa(Vec<Caa>),
    /// The name servers of a subdomain. To delegate to a zone of the program, use `HostedZone::delegate`.
    Ns(Val<List<String>>),
    /// An alias of an AWS resource. It is free of charge, and allowed for the domain of the zone
    /// itself.
    Alias {
        /// The host name of the AWS resource.
        name: Val<String>,
        /// The hosted zone of that host name.
        zone: Val<String>,
        /// Whether Route 53 omits an unhealthy target from answers.
        evaluate_health: bool,
        /// Whether the target also has IPv6 addresses.
        ipv6: bool,
    },
}

/// The content of one record.
pub(super) enum Content {
    Values(Data),
    Alias(record_set::AliasTarget),
}

impl Target {
    /// Creates an alias of a load balancer, a distribution or an accelerator.
    pub fn alias(of: &impl AliasTarget) -> Self {
        let (name, zone) = of.alias();
        Target::Alias { name, zone, evaluate_health: of.has_health(), ipv6: of.has_ipv6() }
    }

    /// Creates the value of an NS record from host names.
    pub fn name_servers(names: impl IntoIterator<Item = impl Into<Val<String>>>) -> Self {
        Target::Ns(Val::Known(names.into_iter().collect()))
    }

    /// Returns the types and contents of its records.
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

/// Returns a quoted text, split into pieces of at most 255 bytes.
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

/// Returns the record as a document for the owner of an imported zone.
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
    fn splits_long_texts() {
        let long = "k".repeat(300);
        assert_eq!(quoted(&long), format!("\"{}\" \"{}\"", "k".repeat(255), "k".repeat(45)));
        assert_eq!(quoted("v=\"1\""), r#""v=\"1\"""#);
    }
}

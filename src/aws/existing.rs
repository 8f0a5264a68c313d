//! Validation of the identifiers of existing resources: ARNs, IDs and names.

use std::panic::Location;

use crate::aws::connect::Endpoint;
use crate::cfn::ids::SecurityGroupId;
use crate::diag::Diagnostic;
use crate::name::is_account;
use crate::tree::Scope;
use crate::val::{Val, Value};

/// Reports that a relation requires a field that an import or a bare construct does not set.
#[track_caller]
pub(crate) fn incomplete(scope: &Scope, field: &str) {
    report_unknown(scope, field, &format!("with_{field}"));
}

/// Reports that a relation requires an endpoint with an unknown field, and returns a placeholder endpoint.
#[track_caller]
pub(crate) fn unknown_endpoint(scope: &Scope, field: &str, port: u16) -> Endpoint {
    incomplete(scope, field);
    Endpoint {
        owner: scope.clone(),
        security_group: SecurityGroupId::new("sg-00000000").into(),
        port,
        cidrs: Vec::new(),
    }
}

/// Reports that a network policy requires CIDR blocks that are unknown. `call` is the method that sets them on a bare
/// construct.
#[track_caller]
pub(crate) fn no_blocks(scope: &Scope, call: &str) {
    report_unknown(scope, "cidrs", call);
}

/// Reports that an object is required but not defined in this program.
#[track_caller]
pub(crate) fn no_object(scope: &Scope, what: &str, help: &str) {
    let message = format!("the relation requires the {what} of `{}`, which this program does not define", scope.path());
    let at = scope.user_line(Location::caller());
    scope.report(Diagnostic::error("MS0318", message).at(at).help(help));
}

/// Reports that a load balancer uses subnets of a tier that are unknown.
#[track_caller]
pub(crate) fn no_subnets(network: &Scope, tier: &str) {
    let message = format!("the {tier} subnets of network `{}` are required here, but unknown", network.path());
    let help = "list the subnets in `subnets` of an imported network, or call `add_subnet` of a bare network";
    let at = network.user_line(Location::caller());
    network.report(Diagnostic::error("MS0318", message).at(at).help(help));
}

/// Reports a file system without a policy to which statements can be added.
#[track_caller]
pub(crate) fn no_file_system_policy(scope: &Scope) {
    let message = format!("the policy of file system `{}` is required here, but unknown", scope.path());
    let help = "set `file_system_policy` of its resource; the first policy replaces the default policy, which allows every client to mount the file system";
    let at = scope.user_line(Location::caller());
    scope.report(Diagnostic::error("MS0318", message).at(at).help(help));
}

#[track_caller]
fn report_unknown(scope: &Scope, field: &str, call: &str) {
    let at = scope.user_line(Location::caller());
    scope.report(
        Diagnostic::error("MS0318", format!("`{field}` of an existing resource is required here, but unknown"))
            .note_at(format!("`{}` is imported or defined here", scope.path()), scope.at())
            .help(format!("set `{field}` in the import, or call `{call}` of a bare construct"))
            .at(at),
    );
}

/// The format of an ARN.
pub(crate) struct ArnForm {
    /// The kind of resource, such as `KMS key`.
    pub what: &'static str,
    /// The service, such as `kms`.
    pub service: &'static str,
    /// The start of the part after the account, such as `key/`.
    pub resource: &'static str,
    /// A complete ARN in this format.
    pub example: &'static str,
}

/// The format of an ID that ends with hexadecimal digits.
pub(crate) struct IdForm {
    /// The kind of resource, such as `security group`.
    pub what: &'static str,
    /// The prefix, such as `sg-`.
    pub start: &'static str,
}

/// The parts of an ARN that is known at synthesis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arn {
    /// The region. Empty for a global service.
    pub region: String,
    /// The account. Empty if the ARN contains none.
    pub account: String,
    /// The part after the account, such as `key/1234abcd-12ab-34cd-56ef-1234567890ab`.
    pub resource: String,
}

impl ArnForm {
    /// Validates an ARN and its region, which must be the region of `scope`. Returns its parts, or `None` if the ARN is
    /// known only at deployment.
    ///
    /// It reports an ARN of another format as `MS0130`, and another region as `MS0131`.
    pub fn check<T: Value + Clone>(&self, scope: &Scope, arn: &Val<T>) -> Option<Arn> {
        let parts = self.check_anywhere(scope, arn)?;
        let Some(here) = scope.region_of_stack() else {
            scope.set_import_region(&parts.region);
            return Some(parts);
        };
        if !parts.region.is_empty() && parts.region != here {
            let message = format!("the {} is in `{}`, but the stack is in `{here}`", self.what, parts.region);
            scope.report(Diagnostic::error("MS0131", message).help(format!(
                "import it in a stack in `{}`, or use {} in `{here}`",
                parts.region,
                with_article(self.what)
            )));
        }
        Some(parts)
    }

    /// Validates an ARN in any region, for resources that can be used from other regions.
    pub fn check_anywhere<T: Value + Clone>(&self, scope: &Scope, arn: &Val<T>) -> Option<Arn> {
        let text = arn.known()?.clone().into_data().to_text();
        let parts = self.parse(&text);
        if parts.is_none() {
            scope.report(
                Diagnostic::error("MS0130", format!("`{text}` is not the ARN of {}", with_article(self.what)))
                    .help(format!("use the complete ARN, such as `{}`", self.example)),
            );
        }
        parts
    }

    fn parse(&self, text: &str) -> Option<Arn> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next();
        let (arn, partition, service) = (next()?, next()?, next()?);
        let (region, account, resource) = (next()?, next()?, next()?);
        let has_name = resource.strip_prefix(self.resource).is_some_and(|name| !name.is_empty());
        let has_account = account.is_empty() || is_account(account);
        let is_of_form = arn == "arn" && partition.starts_with("aws") && service == self.service;
        (is_of_form && has_account && has_name && !text.contains(char::is_whitespace)).then(|| Arn {
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.to_owned(),
        })
    }
}

impl Arn {
    /// Returns whether its account differs from the account of the stack of `scope`, if both are known.
    pub fn is_foreign(&self, scope: &Scope) -> bool {
        let account = scope.account();
        !self.account.is_empty() && account.known().is_some_and(|account| *account != self.account)
    }
}

impl IdForm {
    /// Reports an ID of another format as `MS0130`.
    pub fn check<T: Value + Clone>(&self, scope: &Scope, id: &Val<T>) {
        let Some(text) = id.known().map(|id| id.clone().into_data().to_text()) else { return };
        let is_hex =
            |rest: &str| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, 'a'..='f'));
        if !text.strip_prefix(self.start).is_some_and(is_hex) {
            scope.report(
                Diagnostic::error("MS0130", format!("`{text}` is not the id of {}", with_article(self.what)))
                    .help(format!("use the id, such as `{}0123456789abcdef0`", self.start)),
            );
        }
    }
}

/// The format of a name that is neither an ARN nor an ID.
pub(crate) struct NameForm {
    /// The kind of resource, such as `DynamoDB table`.
    pub what: &'static str,
    /// The allowed characters, in addition to letters and digits.
    pub marks: &'static str,
    /// The maximum number of characters.
    pub longest: usize,
    /// A name in this format.
    pub example: &'static str,
}

impl NameForm {
    /// Returns the form of a DNS label, such as a Kubernetes name.
    pub const fn label(what: &'static str, example: &'static str) -> Self {
        Self { what, marks: "-", longest: 63, example }
    }

    /// Reports a name of another format as `MS0130`.
    pub fn check<T: Value + Clone>(&self, scope: &Scope, name: &Val<T>) {
        let Some(text) = name.known().map(|it| it.clone().into_data().to_text()) else { return };
        let fits = |c: char| c.is_ascii_alphanumeric() || self.marks.contains(c);
        if text.is_empty() || text.len() > self.longest || !text.chars().all(fits) {
            let what = with_article(self.what);
            scope.report(
                Diagnostic::error("MS0130", format!("`{text}` is not the name of {what}"))
                    .help(format!("use only the name, such as `{}`", self.example)),
            );
        }
    }

    /// Reports an invalid Kubernetes name as `MS0130`. Such a name has no uppercase letters, and no `-` at its start or
    /// end.
    pub fn check_label(&self, scope: &Scope, name: &str) {
        let is_label =
            !name.starts_with('-') && !name.ends_with('-') && !name.contains(|c: char| c.is_ascii_uppercase());
        match is_label {
            true => self.check(scope, &Val::<String>::from(name)),
            false => {
                let message = format!("`{name}` is not a valid name of {}", with_article(self.what));
                let help = format!("use a lower-case name, such as `{}`", self.example);
                scope.report(Diagnostic::error("MS0130", message).help(help));
            }
        }
    }
}

/// Reports an invalid host name as `MS0130`, for example one with a scheme, a port or a path.
pub(crate) fn check_host<T: Value + Clone>(scope: &Scope, host: &Val<T>) {
    let Some(text) = host.known().map(|it| it.clone().into_data().to_text()) else { return };
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if text.len() > 253 || !text.trim_end_matches('.').split('.').all(is_label) {
        scope.report(
            Diagnostic::error("MS0130", format!("`{text}` is not a valid host name"))
                .help("use only the host name, without a scheme, port or path, such as `orders.abc123.eu-west-1.rds.amazonaws.com`"),
        );
    }
}

/// Returns a noun with its article: `an ECR repository`, `a KMS key`, `an application load balancer`.
fn with_article(what: &str) -> String {
    let first = what.split(' ').next().unwrap_or_default();
    let is_spelt = !first.chars().any(char::is_lowercase);
    let vowels = if is_spelt { "AEFHILMNORSX" } else { "AEIOaeio" };
    let article = if first.starts_with(|c| vowels.contains(c)) { "an" } else { "a" };
    format!("{article} {what}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Construct;

    const KEY: ArnForm = ArnForm {
        what: "KMS key",
        service: "kms",
        resource: "key/",
        example: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    };

    #[test]
    fn rejects_incomplete_arns() {
        assert!(KEY.parse(KEY.example).is_some());
        for wrong in [
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:eu-west-1:111122223333:alias/shop",
            "arn:aws:kms:eu-west-1:11112222333:key/1234abcd",
            "arn:aws:s3:::key/1234abcd",
            "arn:aws:kms:eu-west-1:111122223333:key/",
        ] {
            assert!(KEY.parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn reports_invalid_hosts_and_names() {
        use crate::testing::{codes, stack};
        let found = |host: &'static str, bus: &'static str| {
            codes(|app| {
                let data = stack(app, "data");
                crate::ssm::Parameter::new(&data, "name", "name", "value", Default::default());
                check_host(data.scope(), &Val::<String>::from(host));
                crate::events::Bus::import(&data, "bus", crate::events::ExistingBus::named(bus));
            })
        };
        assert_eq!(found("orders.abc.eu-west-1.rds.amazonaws.com", "aws.partner/example.com/1"), [""; 0]);
        for host in ["https://orders.example.com", "orders:5432", "", "orders..example"] {
            assert_eq!(found(host, "default"), ["MS0130"], "{host}");
        }
        assert_eq!(found("orders", "the bus"), ["MS0130"]);
    }
}

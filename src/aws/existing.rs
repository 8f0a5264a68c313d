//! What names something that exists already: its ARN or its id, held against the form that it must have.

use std::panic::Location;

use crate::aws::connect::Endpoint;
use crate::cfn::ids::SecurityGroupId;
use crate::diag::Diagnostic;
use crate::name::is_account;
use crate::tree::Scope;
use crate::val::{Val, Value};

/// Reports that a relation needs a field of what exists already, which nobody gave.
#[track_caller]
pub(crate) fn incomplete(scope: &Scope, field: &str) {
    report_unknown(scope, field, &format!("with_{field}"));
}

/// Reports that a relation needs what listens, of which nobody said a field; what stands in for it.
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

/// Reports blocks of addresses that are not known and that a network policy needs; `call` says them of a bare construct.
#[track_caller]
pub(crate) fn no_blocks(scope: &Scope, call: &str) {
    report_unknown(scope, "cidrs", call);
}

/// Reports an object that is not defined here, where somebody asks for it.
#[track_caller]
pub(crate) fn no_object(scope: &Scope, what: &str, help: &str) {
    let message = format!("the {what} of `{}` is not defined here, and is needed", scope.path());
    let at = scope.user_line(Location::caller());
    scope.report(Diagnostic::error("MS0318", message).at(at).help(help));
}

/// Reports a network whose subnets of a tier are not known, where a load balancer lies in them.
#[track_caller]
pub(crate) fn no_subnets(network: &Scope, tier: &str) {
    let message = format!("the {tier} subnets of network `{}` are not known, and are needed here", network.path());
    let help = "name them in `subnets` where the network is imported, or call `add_subnet` where it is bare";
    let at = network.user_line(Location::caller());
    network.report(Diagnostic::error("MS0318", message).at(at).help(help));
}

/// Reports a file system without a policy that statements can be added to.
#[track_caller]
pub(crate) fn no_file_system_policy(scope: &Scope) {
    let message = format!("the policy of file system `{}` is not known, and is needed here", scope.path());
    let help = "set `file_system_policy` of its resource: the first policy replaces the default, by which every client may mount it";
    let at = scope.user_line(Location::caller());
    scope.report(Diagnostic::error("MS0318", message).at(at).help(help));
}

#[track_caller]
fn report_unknown(scope: &Scope, field: &str, call: &str) {
    let at = scope.user_line(Location::caller());
    scope.report(
        Diagnostic::error("MS0318", format!("`{field}` of what exists already is not known, and is needed here"))
            .note_at(format!("`{}` is imported here, or defined by its resource", scope.path()), scope.at())
            .help(format!("give `{field}` where it is imported, or call `{call}` where it is bare"))
            .at(at),
    );
}

/// The form of an ARN.
pub(crate) struct ArnForm {
    /// What it names, such as `KMS key`.
    pub what: &'static str,
    /// The service, such as `kms`.
    pub service: &'static str,
    /// How what follows the account begins, such as `key/`.
    pub resource: &'static str,
    /// A whole ARN of this form.
    pub example: &'static str,
}

/// The form of an id that ends with hexadecimal digits.
pub(crate) struct IdForm {
    /// What it names, such as `security group`.
    pub what: &'static str,
    /// How it begins, such as `sg-`.
    pub start: &'static str,
}

/// The parts of an ARN that is known while the program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arn {
    /// The region; empty where the service has one namespace for all regions.
    pub region: String,
    /// The account; empty where the ARN names none.
    pub account: String,
    /// What follows the account, such as `key/1234abcd-12ab-34cd-56ef-1234567890ab`.
    pub resource: String,
}

impl ArnForm {
    /// Returns the parts of an ARN of this form that lies in the region of `scope`; none where it is known at
    /// deployment only.
    ///
    /// Another form is `MS0130`, another region `MS0131`.
    pub fn check<T: Value + Clone>(&self, scope: &Scope, arn: &Val<T>) -> Option<Arn> {
        let parts = self.check_anywhere(scope, arn)?;
        let here = scope.region();
        if !parts.region.is_empty() && parts.region != here {
            let message = format!("the {} is in `{}`, and the stack in `{here}`", self.what, parts.region);
            scope.report(Diagnostic::error("MS0131", message).help(format!(
                "import it in a stack of `{}`, or use {} of `{here}`",
                parts.region,
                with_article(self.what)
            )));
        }
        Some(parts)
    }

    /// Returns the same for what is used from other regions too.
    pub fn check_anywhere<T: Value + Clone>(&self, scope: &Scope, arn: &Val<T>) -> Option<Arn> {
        let text = arn.known()?.clone().into_data().to_text();
        let parts = self.parse(&text);
        if parts.is_none() {
            scope.report(
                Diagnostic::error("MS0130", format!("`{text}` is not the ARN of {}", with_article(self.what)))
                    .help(format!("write the whole ARN, such as `{}`", self.example)),
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
    /// Returns whether it is of another account than the stack of `scope`, where both are known.
    pub fn is_foreign(&self, scope: &Scope) -> bool {
        let account = scope.account();
        !self.account.is_empty() && account.known().is_some_and(|account| *account != self.account)
    }
}

impl IdForm {
    /// Reports an id of another form as `MS0130`.
    pub fn check<T: Value + Clone>(&self, scope: &Scope, id: &Val<T>) {
        let Some(text) = id.known().map(|id| id.clone().into_data().to_text()) else { return };
        let is_hex =
            |rest: &str| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, 'a'..='f'));
        if !text.strip_prefix(self.start).is_some_and(is_hex) {
            scope.report(
                Diagnostic::error("MS0130", format!("`{text}` is not the id of {}", with_article(self.what)))
                    .help(format!("write its id, such as `{}0123456789abcdef0`", self.start)),
            );
        }
    }
}

/// The form of a name that is neither an ARN nor an id.
pub(crate) struct NameForm {
    /// What it names, such as `DynamoDB table`.
    pub what: &'static str,
    /// What it may have beside letters and digits.
    pub marks: &'static str,
    /// The most characters.
    pub longest: usize,
    /// A name of this form.
    pub example: &'static str,
}

impl NameForm {
    /// A label of DNS, as names of Kubernetes are.
    pub const fn label(what: &'static str, example: &'static str) -> Self {
        Self { what, marks: "-", longest: 63, example }
    }

    /// Reports a name of another form as `MS0130`.
    pub fn check<T: Value + Clone>(&self, scope: &Scope, name: &Val<T>) {
        let Some(text) = name.known().map(|it| it.clone().into_data().to_text()) else { return };
        let fits = |c: char| c.is_ascii_alphanumeric() || self.marks.contains(c);
        if text.is_empty() || text.len() > self.longest || !text.chars().all(fits) {
            let what = with_article(self.what);
            scope.report(
                Diagnostic::error("MS0130", format!("`{text}` is not the name of {what}"))
                    .help(format!("write its name alone, such as `{}`", self.example)),
            );
        }
    }

    /// The same for a name in Kubernetes, which has no upper case and no `-` at an end.
    pub fn check_label(&self, scope: &Scope, name: &str) {
        let is_label =
            !name.starts_with('-') && !name.ends_with('-') && !name.contains(|c: char| c.is_ascii_uppercase());
        match is_label {
            true => self.check(scope, &Val::<String>::from(name)),
            false => {
                let message = format!("`{name}` is not the name of {}", with_article(self.what));
                let help = format!("write it in lower case, such as `{}`", self.example);
                scope.report(Diagnostic::error("MS0130", message).help(help));
            }
        }
    }
}

/// Reports as `MS0130` what is not the name of a host: with a scheme, a port or a path it cannot be resolved.
pub(crate) fn check_host<T: Value + Clone>(scope: &Scope, host: &Val<T>) {
    let Some(text) = host.known().map(|it| it.clone().into_data().to_text()) else { return };
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if text.len() > 253 || !text.trim_end_matches('.').split('.').all(is_label) {
        scope.report(
            Diagnostic::error("MS0130", format!("`{text}` is not the name of a host"))
                .help("write the name alone, without a scheme, a port or a path, such as `orders.abc123.eu-west-1.rds.amazonaws.com`"),
        );
    }
}

/// `an ECR repository`, `a KMS key`, `an application load balancer`.
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
    fn an_arn_has_all_of_its_parts() {
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
    fn a_host_is_a_name_alone_and_names_have_the_marks_of_their_service() {
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

//! A secret would be written in plain text.
//!
//! # What it reports
//!
//! The rule checks resources, Kubernetes objects, Helm values and stack outputs for:
//!
//! - values with the form of a secret: access keys, private keys, passwords in URLs
//! - properties for secrets (`MasterUserPassword`, `AuthToken`, `SecretString`)
//! - environment variables and parameters with names such as `DB_PASSWORD`
//! - the content of Kubernetes `Secret` objects
//! - a reference to a secret in a property that shows its value, such as an environment variable of a function
//!
//! The message never contains the value. In adopted stacks, where the secret is deployed already, it is a warning.
//!
//! # Why it matters
//!
//! Templates and manifests are committed, reviewed, uploaded and kept. Each reader can use a password in them.
//!
//! # Fix
//!
//! Let AWS generate the secret (`secrets::Secret`, or the password that RDS manages), pass it as a `Secret`, and read
//! it in workloads with `env_secret`. Then replace the secret that was written in plain text.
//!
//! Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html>

use crate::diag::{Diagnostic, Severity};
use crate::node::{Object, Resource};
use crate::synth::{Link, Model, side_by_side};
use crate::tree::NodeId;
use crate::val::{Bag, Data, Deferred, Part};
use crate::rules::index::credentials::{from_base64, is_credential, is_written_out, names_password, names_secret};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    // This rule reads every value, so it uses two threads.
    let (of_resources, of_objects) = side_by_side(|| in_resources(model), || in_objects(model));
    out.extend(of_resources);
    out.extend(of_objects);
    for (id, release) in model.releases() {
        let mut places = Places::default();
        places.leaves(&release.values, &mut Vec::new(), &|name, _| names_password(name));
        places.report(model, id, "release", IN_OBJECTS, out);
    }
}

fn in_resources(model: &Model) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for (id, _, resource) in model.resources() {
        let mut places = Places::default();
        places.in_resource(resource);
        places.report(model, id, &resource.type_name, IN_RESOURCES, &mut out);
    }
    out
}

fn in_objects(model: &Model) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for (id, _, object) in model.objects() {
        let mut places = Places::default();
        places.in_object(object);
        places.report(model, id, &object.kind, IN_OBJECTS, &mut out);
    }
    out
}

/// Properties of any resource that contain secrets.
pub(super) const SECRET_PROPERTIES: [&str; 7] = [
    "AuthToken",
    "MasterPassword",
    "MasterUserPassword",
    "Password",
    "Passwords",
    "SecretString",
    "TdeCredentialPassword",
];

/// Properties in which CloudFormation resolves a reference to a secret and shows its value.
const SHOWN: [&str; 3] = ["Environment", "EnvironmentVariables", "UserData"];

const IN_RESOURCES: &str = "store the secret in Secrets Manager and refer to it; then replace the secret, because it was exposed";
const IN_OBJECTS: &str = "store the secret in a `Secret` outside of these files, and refer to it with `secretKeyRef`; then replace it, because it was exposed";

/// Paths to secrets in plain text.
#[derive(Default)]
struct Places(Vec<String>);

/// A step of the path to a value.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

impl<'a> Step<'a> {
    fn key(self) -> Option<&'a str> {
        match self {
            Step::Key(key) => Some(key),
            Step::Item(_) => None,
        }
    }
}

/// Formats a path for messages: `spec.containers[0].env[1].value`.
fn written(path: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => text.extend([".", key]),
            Step::Item(idx) => text.push_str(&format!("[{idx}]")),
        }
    }
    text
}

/// Whether the value of a name is a secret. The second argument is whether it is an environment variable.
type Names<'a> = dyn Fn(&str, bool) -> bool + 'a;

impl Places {
    fn in_resource(&mut self, resource: &Resource) {
        let props = &resource.props;
        let is_secret = |name: &str, is_variable: bool| match is_variable {
            true => names_secret(name),
            false => SECRET_PROPERTIES.contains(&name),
        };
        self.leaves(props, &mut Vec::new(), &is_secret);
        if resource.type_name == "AWS::SSM::Parameter" {
            let name = props.get("Name").and_then(Data::as_str).unwrap_or_default();
            let is_named = names_secret(name.rsplit('/').next().unwrap_or_default());
            match props.get("Value") {
                Some(Data::Text(text)) if is_named && is_written_out(text) => self.0.push("Value".to_owned()),
                Some(Data::Secret(_)) => self.0.push("Value".to_owned()),
                _ => {}
            }
        }
    }

    fn in_object(&mut self, object: &Object) {
        let is_core = object.api_version == "v1";
        let is_config = is_core && object.kind == "ConfigMap";
        self.leaves(&object.body, &mut Vec::new(), &|name, is_variable| {
            (is_variable || is_config) && names_secret(name)
        });
        if is_core && object.kind == "Secret" {
            for field in ["data", "stringData"] {
                for (key, value) in object.body.get(field).and_then(Data::as_map).into_iter().flat_map(Bag::iter) {
                    if is_content(key, value) {
                        self.0.push(format!("{field}.{key}"));
                    }
                }
            }
        }
    }

    fn leaves<'a>(&mut self, bag: &'a Bag, path: &mut Vec<Step<'a>>, names: &Names<'_>) {
        let variable = variable(bag);
        for (key, data) in bag.iter() {
            let parent = path.last().and_then(|step| step.key());
            path.push(Step::Key(key));
            let name = match variable {
                Some((name, field)) if field == key => Some((name, true)),
                _ => Some((key, parent.is_some_and(is_variables))),
            };
            self.leaf(data, path, name, names);
            path.pop();
        }
    }

    fn leaf<'a>(
        &mut self,
        data: &'a Data,
        path: &mut Vec<Step<'a>>,
        name: Option<(&str, bool)>,
        names: &Names<'_>,
    ) {
        let is_named = name.is_some_and(|(name, is_variable)| names(name, is_variable));
        let is_found = match data {
            Data::Map(bag) => return self.leaves(bag, path, names),
            Data::List(items) => {
                for (idx, item) in items.iter().enumerate() {
                    path.push(Step::Item(idx));
                    self.leaf(item, path, name, names);
                    path.pop();
                }
                return;
            }
            Data::Text(text) => is_credential(text) || is_named && is_written_out(text),
            Data::Deferred(deferred) => literals(deferred).any(is_credential),
            Data::Secret(_) => path.iter().filter_map(|step| step.key()).any(|key| SHOWN.contains(&key)),
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => false,
        };
        if is_found {
            self.0.push(written(path));
        }
    }

    fn report(mut self, model: &Model, id: NodeId, of: &str, help: &str, out: &mut Vec<Diagnostic>) {
        self.0.sort();
        self.0.dedup();
        for path in self.0 {
            let message = format!("`{path}` of {of} looks like a plain-text secret");
            let diagnostic = model.error_in(id, &path, "MS0112", message).field(&path).help(help);
            // A secret of an adopted stack is already deployed, so the finding is only a warning.
            out.push(match model.stack_of(id).is_some_and(|stack| model.stack(stack).is_adopted) {
                true => diagnostic.severity(Severity::Warning),
                false => diagnostic,
            });
        }
    }
}

/// Returns the name of a variable and the field of its value, for a map with `name` and `value`.
fn variable(bag: &Bag) -> Option<(&str, &'static str)> {
    if bag.get("Type").and_then(Data::as_str).is_some_and(refers) {
        return None;
    }
    [("name", "value"), ("Name", "Value")].into_iter().find_map(|(name, value)| {
        bag.get(value)?;
        Some((bag.get(name)?.as_str()?, value))
    })
}

/// Whether a variable of this type contains the name of its value instead of the value.
pub(super) fn refers(kind: &str) -> bool {
    matches!(kind, "PARAMETER_STORE" | "SECRETS_MANAGER")
}

/// Whether the keys of a property are environment variables.
pub(super) fn is_variables(property: &str) -> bool {
    matches!(property, "Variables" | "EnvironmentVariables" | "data")
}

/// Whether a field of a Kubernetes `Secret` contains a secret, according to its name or its form.
fn is_content(key: &str, value: &Data) -> bool {
    let Data::Text(text) = value else { return false };
    let well_known = ["tls.key", "ca.key", "ca-key.pem", ".dockerconfigjson", ".dockercfg", "ssh-privatekey", "token"];
    let is_named = names_secret(key) || well_known.contains(&key);
    let decoded = from_base64(text);
    (is_named && is_written_out(text)) || decoded.is_some_and(|text| is_credential(&text))
}

/// Returns the literal texts of a deferred value.
fn literals(deferred: &Deferred) -> impl Iterator<Item = &str> {
    let parts: &[Part] = match deferred {
        Deferred::Text(parts) | Deferred::Doc(parts) => parts,
        Deferred::Attr(_) | Deferred::Piece { .. } | Deferred::Item { .. } | Deferred::Joined { .. } | Deferred::Verbatim(_) => &[],
    };
    parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_ref()),
        Part::Value(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::cfn::rds::DbInstance;
    use crate::cfn::{Raw, secretsmanager};
    use crate::testing::{codes, stack, try_synth, workload};
    use crate::val::Bag;
    use crate::{App, OnDelete, secrets, ssm};

    fn raw(app: &App, type_name: &'static str, key: &'static str, value: Bag) {
        Raw::new(type_name).set(key, value).define(&stack(app, "data"), "raw");
    }

    #[test]
    fn reports_a_secret_in_an_output() {
        let shows = |shown: fn(crate::Secret) -> crate::val::Data| {
            codes(|app| {
                let data = stack(app, "data");
                crate::cfn::sqs::Queue::new().define(&data, "jobs");
                data.output("Login", shown(crate::Secret::new("arn:aws:secretsmanager:eu-west-1:111122223333:secret:a")));
            })
        };
        assert_eq!(shows(crate::val::Data::from), ["MS0112"]);
        assert_eq!(shows(|secret| secret.arn().into()), [""; 0]);
    }

    #[test]
    fn reports_an_environment_variable_at_its_line() {
        let mut line = 0;
        let failure = try_synth("app", |app| {
            let orders = workload(app);
            line = line!() + 1;
            orders.env("DB_PASSWORD", "hunter2-hunter2");
        });
        let text = failure.err().unwrap().to_string();
        assert!(text.contains(&format!("plain_text_secret.rs:{line}:")), "{text}");
    }

    fn variables(name: &'static str, value: &'static str) -> Bag {
        Bag::default().with("Variables", Bag::default().with(name, value))
    }

    #[test]
    fn reports_a_database_password_without_showing_it() {
        let failure = try_synth("app", |app| {
            DbInstance::new()
                .engine("postgres")
                .master_user_password("hunter2")
                .define(&stack(app, "data"), "db")
                .on_delete(OnDelete::Delete);
        });
        let failure = failure.err().unwrap();
        assert_eq!(failure.diagnostics.iter().map(|it| it.code).collect::<Vec<_>>(), ["MS0112"]);
        assert!(!failure.to_string().contains("hunter2"));
    }

    #[test]
    fn warns_about_secrets_of_adopted_stacks() {
        let assembly = try_synth("app", |app| {
            let data = stack(app, "data");
            data.adopt("legacy");
            secretsmanager::Secret::new().secret_string("hunter2").define(&data, "login").logical_id("Login").retain();
        });
        let found = assembly.expect("it is a warning").warnings;
        assert_eq!(found.iter().map(|it| it.code).collect::<Vec<_>>(), ["MS0112"]);
    }

    #[test]
    fn reports_a_plain_text_secret() {
        assert_eq!(
            codes(|app| {
                secretsmanager::Secret::new().secret_string("hunter2").define(&stack(app, "data"), "login").retain();
            }),
            ["MS0112"]
        );
    }

    #[test]
    fn reports_a_password_among_variables_or_parameters() {
        assert_eq!(
            codes(|app| raw(app, "Test::Lambda::Function", "Environment", variables("DB_PASSWORD", "hunter2"))),
            ["MS0112"]
        );
        assert_eq!(
            codes(|app| {
                ssm::Parameter::new(&stack(app, "data"), "p", "orders/db-password", "hunter2", Default::default());
            }),
            ["MS0112"]
        );
    }

    #[test]
    fn reports_passwords_in_urls_that_contain_deploy_time_values() {
        assert_eq!(
            codes(|app| {
                let data = stack(app, "data");
                let url = crate::text!["amqp://shop:hunter2@", crate::Scope::partition(crate::Construct::scope(&data))];
                ssm::Parameter::new(&data, "p", "orders/mq", url, Default::default());
            }),
            ["MS0112"]
        );
    }

    #[test]
    fn reports_a_secret_reference_that_cloudformation_resolves_in_plain_text() {
        assert_eq!(
            codes(|app| {
                let data = stack(app, "data");
                let login = secrets::Secret::new(&data, "login", secrets::SecretProps::default());
                let environment = Bag::default().with("Variables", Bag::default().with("LOGIN", login.secret()));
                Raw::new("Test::Lambda::Function").set("Environment", environment).define(&data, "raw");
            }),
            ["MS0112"]
        );
    }

    #[test]
    fn accepts_references_names_and_settings() {
        for (name, value) in [
            ("DB_PASSWORD", "{{resolve:secretsmanager:login:SecretString:password}}"),
            ("PASSWORD_FILE", "/run/secrets/db"),
            ("DB_SECRET", "orders-db"),
            ("DB_URL", "postgresql://db:5432/orders"),
            ("REQUIRE_PASSWORD", "true"),
        ] {
            assert_eq!(
                codes(|app| raw(app, "Test::Lambda::Function", "Environment", variables(name, value))),
                [""; 0],
                "{name}"
            );
        }
        assert_eq!(
            codes(|app| {
                let policy = Bag::default().with("PasswordPolicy", Bag::default().with("MinimumLength", 12));
                raw(app, "Test::Cognito::UserPool", "Policies", policy);
            }),
            [""; 0]
        );
        assert_eq!(
            codes(|app| {
                let data = stack(app, "data");
                let login = secrets::Secret::new(&data, "login", secrets::SecretProps::default());
                let db = DbInstance::new().engine("postgres").define(&data, "db");
                db.secret("MasterUserPassword", &login.secret().field("password")).on_delete(OnDelete::Delete);
            }),
            [""; 0]
        );
    }
}

//! The list of all generated types.

use super::shown::shown;
use super::sources;

/// The form of a generated type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A resource type of CloudFormation.
    Resource,
    /// A kind of Kubernetes.
    Kind,
    /// A record: a nested property.
    Record,
    /// An enum.
    Choice,
}

/// A generated type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its form.
    pub form: Form,
    /// Its path in the index, such as `cfn::rds::db_proxy::AuthFormat`.
    pub path: String,
    /// The vendor's name: `AWS::RDS::DBProxy`, or the `apiVersion` and the kind `apps/v1 Deployment`. A nested type has
    /// the name of its owner and its own: `AWS::RDS::DBProxy.AuthFormat`. Empty for definitions that several kinds use.
    pub vendor: String,
    /// Whether objects of the kind belong to a namespace.
    pub is_namespaced: bool,
}

impl Listed {
    /// Returns its path in programs, such as `cfn::rds::DbProxy`.
    pub fn shown(&self) -> String {
        shown(&self.path)
    }

    /// Returns the feature of `meshsynth-services` that contains it, if it is in that crate.
    pub fn feature(&self) -> Option<&str> {
        self.path.strip_prefix("services::")?.split("::").next()
    }

    /// Returns the module of its nested types, if it has a separate one.
    pub fn module(&self) -> Option<String> {
        let module = self.path.rsplit_once("::").map(|(module, _)| module)?;
        let is_separate = self.is_main() && module.split("::").count() > 2;
        is_separate.then(|| shown(module))
    }

    /// Whether it is a resource type or a kind.
    pub fn is_main(&self) -> bool {
        matches!(self.form, Form::Resource | Form::Kind)
    }
}

/// Returns all generated types.
pub fn listed() -> Vec<Listed> {
    let services = sources::SERVICES.iter().filter_map(|service| sources::cloudformation(service));
    let mut found = Vec::new();
    for text in services.chain(sources::KUBERNETES) {
        add(text, &mut found);
    }
    found
}

fn add(text: &str, found: &mut Vec<Listed>) {
    let (mut place, mut owner) = ("", String::new());
    for line in text.lines() {
        let Some((word, rest)) = line.split_once(' ') else { continue };
        let mut is_namespaced = false;
        let (form, name) = match word {
            "=" => {
                (place, owner) = (rest, String::new());
                continue;
            }
            "T" => {
                let Some((vendor, name)) = rest.split_once(' ') else { continue };
                vendor.clone_into(&mut owner);
                (Form::Resource, name)
            }
            "K" => {
                let [name, version, kind, ref scope @ ..] = rest.split(' ').collect::<Vec<_>>()[..] else { continue };
                owner = format!("{version} {kind}");
                is_namespaced = scope.contains(&"namespaced");
                (Form::Kind, name)
            }
            "R" => (Form::Record, rest),
            "C" => (Form::Choice, rest),
            _ => continue,
        };
        let vendor = match form {
            Form::Resource | Form::Kind => owner.clone(),
            Form::Record | Form::Choice if owner.is_empty() => String::new(),
            Form::Record | Form::Choice => format!("{owner}.{name}"),
        };
        found.push(Listed { form, path: format!("{place}::{name}"), vendor, is_namespaced });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_types_of_all_crates() {
        let all = listed();
        let one = |vendor: &str| all.iter().find(|it| it.vendor == vendor).unwrap_or_else(|| panic!("no {vendor}"));
        assert_eq!(one("AWS::RDS::DBProxy").shown(), "cfn::rds::DbProxy");
        assert_eq!(one("AWS::RDS::DBProxy.AuthFormat").shown(), "cfn::rds::db_proxy::AuthFormat");
        assert_eq!(one("AWS::Kinesis::Stream").shown(), "meshsynth_services::kinesis::Stream");
        assert_eq!(one("AWS::Kinesis::Stream").feature(), Some("kinesis"));
        assert!(one("apps/v1 Deployment").is_namespaced);
        assert!(!one("v1 Namespace").is_namespaced);
        assert!(all.len() > 5_000, "{}", all.len());
    }
}

//! Renders the page of a generated type.

use std::fmt::Write as _;

use meshsynth_adopt::types::Form;
use serde_json::{Value, json};

use super::{Field, Typed};

/// The maximum number of constructs on a page.
const SHOWN: usize = 6;

impl Typed {
    /// Returns the page in Markdown.
    pub fn page(&self) -> String {
        let listed = &self.listed;
        let mut text = format!("# {}\n\n{}\n", listed.shown(), self.summary());
        if let Some(module) = &self.module {
            let _ = write!(text, "\nIts nested types are in the module `{module}`.\n");
        }
        if let Some(feature) = listed.feature() {
            let line = format!("meshsynth-services = {{ version = \"0.1\", features = [\"{feature}\"] }}");
            let _ = write!(
                text,
                "\nThe crate `meshsynth-services` contains it, behind the feature `{feature}`: `{line}`.\n"
            );
        }
        if !self.constructs.is_empty() {
            let names: Vec<String> = self.constructs.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
            let more = match self.constructs.len().saturating_sub(SHOWN) {
                0 => String::new(),
                n_others => format!(" and {n_others} others"),
            };
            let first = self.constructs[0];
            let _ = write!(
                text,
                "\nConstructs that define it: {}{more}. See `meshsynth explain {first}`.\n",
                names.join(", ")
            );
        }
        if self.is_stateful {
            text += "\nIts deletion deletes data. It requires `retain()` or `on_delete(..)`, otherwise `MS0310` is reported.\n";
        }
        let _ = write!(text, "\n## Example\n\n```rust\n{}```\n", self.example);
        let name = listed.path.rsplit("::").next().unwrap_or_default();
        let has_changes = listed.form != Form::Choice && (!self.required.is_empty() || !self.optional.is_empty());
        if has_changes {
            let _ = write!(text, "\n## Changes\n\n{}\n", self.changes());
        }
        let arguments = format!("Required properties: the arguments of `{name}::new`, in this order");
        fields(&mut text, &arguments, "argument", &self.required);
        fields(&mut text, "Optional properties", "method", &self.optional);
        self.attributes(&mut text);
        if !self.values.is_empty() {
            text += "\n## Values\n\n| variant | value |\n|---|---|\n";
            text.extend(self.values.iter().map(|(variant, value)| format!("| `{variant}` | `{value}` |\n")));
        }
        if let Some(link) = self.link() {
            let _ = write!(text, "\n## Source\n\n<{link}>\n");
        }
        text
    }

    /// Returns the page as JSON.
    pub fn to_json(&self) -> Value {
        let fields = |all: &[Field]| all.iter().map(Field::to_json).collect::<Value>();
        let attribute = |it: &Field| json!({ "method": it.name, "attribute": it.key, "type": it.kind });
        let reference = self.reference.as_ref();
        json!({
            "type": self.listed.shown(),
            "form": self.form(),
            "vendor": self.listed.vendor,
            "module": self.module,
            "feature": self.listed.feature(),
            "constructs": self.constructs,
            "stateful": self.is_stateful,
            "used_by": self.uses,
            "required": fields(&self.required),
            "optional": fields(&self.optional),
            "attributes": self.attributes.iter().map(attribute).collect::<Value>(),
            "ref": reference.map(|(kind, property)| json!({ "type": kind, "property": property })),
            "values": self.values.iter().map(|(variant, value)| json!({ "variant": variant, "value": value })).collect::<Value>(),
            "example": self.example,
            "source": self.link(),
        })
    }

    fn form(&self) -> &'static str {
        match self.listed.form {
            Form::Resource => "resource",
            Form::Kind => "kind",
            Form::Record => "record",
            Form::Choice => "enum",
        }
    }

    fn summary(&self) -> String {
        let vendor = &self.listed.vendor;
        let owner = vendor.split('.').next().unwrap_or_default();
        let uses = match self.uses.as_slice() {
            [] => String::new(),
            uses => format!(", used by `{}`", uses.join("`, `")),
        };
        match self.listed.form {
            Form::Resource => format!("The typed resource of `{vendor}`."),
            Form::Kind => {
                let scope = if self.listed.is_namespaced {
                    "Its objects belong to a namespace."
                } else {
                    "It is cluster-scoped."
                };
                format!("The typed kind `{vendor}`. {scope}")
            }
            Form::Record if owner.contains("::") => format!("A nested property of `{owner}`{uses}."),
            Form::Choice if owner.contains("::") => format!("The values of a property of `{owner}`{uses}."),
            Form::Record => "A nested field of Kubernetes objects.".to_owned(),
            Form::Choice => "The values of a field of Kubernetes objects.".to_owned(),
        }
    }

    /// Returns the description of the column with the effects of changes.
    fn changes(&self) -> &'static str {
        let is_of_aws = self.listed.vendor.contains("::");
        match self.listed.form {
            Form::Kind => "The API server rejects changes of immutable fields. Other fields can change.",
            _ if is_of_aws => "A change of a property without a note is an update without a replacement.",
            _ => "The kind that contains the type decides which fields can change.",
        }
    }

    fn attributes(&self, text: &mut String) {
        if let Some((kind, property)) = &self.reference {
            *text += "\n## Attributes\n\nThe methods of the defined resource.\n\n| method | attribute | type |\n|---|---|---|\n";
            let property = property.as_ref().map(|name| format!(", the value of `{name}`")).unwrap_or_default();
            let _ = writeln!(text, "| `reference()` | `Ref`{property} | `{kind}` |");
            for it in &self.attributes {
                let _ = writeln!(text, "| `{}()` | `{}` | `{}` |", it.name, it.key, it.kind);
            }
        }
    }

    /// Returns the page of a resource type in the AWS reference.
    fn link(&self) -> Option<String> {
        let [_, service, name] = self.listed.vendor.split("::").collect::<Vec<_>>()[..] else { return None };
        // The page of a resource type links to the pages of its properties.
        let name = name.split('.').next().unwrap_or(name);
        let guide = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference";
        Some(format!("{guide}/aws-resource-{}-{}.html", service.to_lowercase(), name.to_lowercase()))
    }
}

impl Field {
    fn to_json(&self) -> Value {
        let word = self.change.as_ref().map(super::Change::word);
        json!({ "name": self.name, "property": self.key, "type": self.kind, "change": word })
    }
}

fn fields(text: &mut String, title: &str, first: &str, all: &[Field]) {
    if all.is_empty() {
        return;
    }
    let _ = write!(text, "\n## {title}\n\n| {first} | property | type | change |\n|---|---|---|---|\n");
    for field in all {
        let change = field.change.as_ref().map(super::Change::text).unwrap_or_default();
        let _ = writeln!(text, "| `{}` | `{}` | `{}` | {change} |", field.name, field.key, field.kind);
    }
}

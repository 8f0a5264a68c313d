//! The tables `[[stack]]`: what the stack of a template is called, where nothing else tells.

use toml::Spanned;
use toml::de::DeValue;

use meshsynth_assembly::problem::Problem;

use super::reader::{Reader, entries};

/// The stack that a template is deployed as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackName {
    /// The template: the end of its path, or its name without what says that it is a template.
    pub template: String,
    /// The name of the stack.
    pub name: String,
    /// Its region.
    pub region: Option<String>,
    /// Its account.
    pub account: Option<String>,
    /// The line of the table.
    pub place: String,
}

const KNOWN: [&str; 4] = ["account", "name", "region", "template"];

impl Reader<'_> {
    /// The tables `[[stack]]`.
    pub(super) fn stack_names(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<StackName>, Problem> {
        let wanted = "tables, each `[[stack]]`";
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong_type("stack", value, wanted))?;
        array.iter().map(|it| self.stack_name(it)).collect()
    }

    fn stack_name(&self, value: &Spanned<DeValue<'_>>) -> Result<StackName, Problem> {
        let place = self.problem(value.span(), "").place.unwrap_or_default();
        let (mut template, mut name, mut region, mut account) = (None, None, None, None);
        for (key, span, value) in entries(self.table_of("stack", value)?) {
            let into = match key {
                "account" => &mut account,
                "name" => &mut name,
                "region" => &mut region,
                "template" => &mut template,
                _ => return Err(self.unknown_key(key, span, "in `[[stack]]`", &KNOWN)),
            };
            *into = Some(self.text_of(&format!("stack.{key}"), value)?);
        }
        match (template, name) {
            (Some(template), Some(name)) => Ok(StackName { template, name, region, account, place }),
            _ => Err(self
                .problem(value.span(), "a `[[stack]]` needs `template` and `name`")
                .help("template = \"network/template.yaml\"\nname = \"prod-network\"")),
        }
    }
}

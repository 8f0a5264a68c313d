//! The tables `[[join]]`: outputs of one system that are inputs of another.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth_model::problem::Problem;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys;
use super::reader::{Reader, entries};
use super::stack_names::StackName;

/// A placeholder or parameter whose value is a stack output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// The placeholder or parameter.
    pub into: Handed,
    /// The stack that has the output.
    pub stack: String,
    /// The output, or the name of its export.
    pub output: String,
    /// The position of the table in the file.
    pub place: String,
}

/// A location that receives the value of a stack output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handed {
    /// A text in manifests: a placeholder, or the value itself.
    Text(String),
    /// A stack and one of its template parameters.
    Parameter(String, String),
}

/// The content of a `--map` file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapFile {
    /// The tables `[[join]]`.
    pub joins: Vec<Join>,
    /// The tables `[[stack]]`.
    pub stacks: Vec<StackName>,
}

impl MapFile {
    /// Reads the tables from a separate file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not TOML, or has other keys.
    pub fn read(file: &Path) -> Result<Self> {
        let shown = file.display().to_string();
        let text = fs::read_to_string(file).with_context(|| format!("cannot read `{shown}`"))?;
        Ok(Reader { file: &shown, text: &text }.map_file()?)
    }
}

impl Reader<'_> {
    fn map_file(&self) -> Result<MapFile, Problem> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            self.problem(span, format!("it is not valid TOML: {}", error.message().replace('\n', ", ")))
        })?;
        let mut map = MapFile::default();
        for (key, span, value) in entries(table.get_ref()) {
            match key {
                "join" => map.joins = self.joins(value)?,
                "stack" => map.stacks = self.stack_names(value)?,
                _ => return Err(self.unknown_key(key, span, "in the file of `--map`", &keys::MAP_TABLES)),
            }
        }
        Ok(map)
    }

    /// Reads the tables `[[join]]`.
    pub(super) fn joins(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<Join>, Problem> {
        let wanted = "tables, each `[[join]]`";
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong_type("join", value, wanted))?;
        array.iter().map(|it| self.join(it)).collect()
    }

    fn join(&self, value: &Spanned<DeValue<'_>>) -> Result<Join, Problem> {
        let place = self.problem(value.span(), "").place.unwrap_or_default();
        let (mut into, mut output) = (None, None);
        for (key, span, value) in self.rows(&keys::JOIN, "join", value)? {
            let text = match key {
                "output" | "parameter" | "text" => self.text_of(&format!("join.{key}"), value)?,
                _ => return Err(self.unsupported(&keys::JOIN, "join", key, span)),
            };
            let of_stack = || {
                let parts = text.split_once('.').filter(|(stack, name)| !stack.is_empty() && !name.is_empty());
                let parts = parts.map(|(stack, name)| (stack.to_owned(), name.to_owned()));
                let problem = || self.problem(span.clone(), format!("`join.{key}` is `{text}`"));
                parts.ok_or_else(|| problem().help("write the stack and the output: `orders-production.TableName`"))
            };
            match key {
                "output" => output = Some(of_stack()?),
                "parameter" => {
                    let (stack, name) = of_stack()?;
                    into = Some(Handed::Parameter(stack, name));
                }
                _ if text.is_empty() => return Err(self.problem(span, "`join.text` is empty")),
                _ => into = Some(Handed::Text(text)),
            }
        }
        match (into, output) {
            (Some(into), Some((stack, output))) => Ok(Join { into, stack, output, place }),
            _ => Err(self
                .problem(value.span(), "`[[join]]` requires `output`, and `text` or `parameter`")
                .help("text = \"${DB_HOST}\"\noutput = \"orders-production.Endpoint\"")),
        }
    }
}

//! Reads tables of `meshsynth.toml` and reports problems with their line.

use std::ops::Range;

use meshsynth_model::problem::{Problem, did_you_mean};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::Table;

/// The file that is read, for positions in messages.
pub struct Reader<'a> {
    /// The name of the file in messages.
    pub file: &'a str,
    /// The content of the file.
    pub text: &'a str,
}

/// A key, its position and its value.
type Row<'a, 'i> = (&'a str, Range<usize>, &'a Spanned<DeValue<'i>>);

impl Reader<'_> {
    /// Returns an error for invalid names of apps and environments.
    pub fn check_name(&self, what: &str, name: &str, span: Range<usize>) -> Result<(), Problem> {
        let is_valid = name.starts_with(|first: char| first.is_ascii_lowercase())
            && !name.ends_with('-')
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if is_valid {
            return Ok(());
        }
        let help = "use lower-case letters, digits and `-`, starting with a letter";
        Err(self.problem(span, format!("{what} cannot be named `{name}`")).help(help))
    }

    /// Reads a table.
    pub fn table_of<'v, 'i>(&self, path: &str, value: &'v Spanned<DeValue<'i>>) -> Result<&'v DeTable<'i>, Problem> {
        value.get_ref().as_table().ok_or_else(|| self.wrong_type(path, value, "a table"))
    }

    /// Reads a text that is not empty.
    pub fn text_of(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<String, Problem> {
        match value.get_ref().as_str() {
            Some("") => {
                Err(self.problem(value.span(), format!("`{path}` is empty")).help("set a value, or remove the key"))
            }
            Some(text) => Ok(text.to_owned()),
            None => Err(self.wrong_type(path, value, "a string in quotes")),
        }
    }

    /// Reads a list of texts, each with its position.
    pub fn texts_of(&self, path: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<(String, Range<usize>)>, Problem> {
        let wanted = "a list of strings, such as `[\"one\", \"two\"]`";
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong_type(path, value, wanted))?;
        let text = |(idx, item): (usize, &Spanned<DeValue<'_>>)| {
            Ok((self.text_of(&format!("{path}[{idx}]"), item)?, item.span()))
        };
        array.iter().enumerate().map(text).collect()
    }

    /// Returns the problem for a value of another type.
    pub fn wrong_type(&self, path: &str, value: &Spanned<DeValue<'_>>, wanted: &str) -> Problem {
        let got = match value.get_ref().type_str() {
            "string" => "a string",
            "array" => "a list",
            "table" => "a table",
            "boolean" => "a boolean",
            "integer" | "float" => "a number",
            _ => "a date",
        };
        self.problem(value.span(), format!("`{path}` is {got}")).help(format!("it must be {wanted}"))
    }

    /// Reads a table and returns its rows. An unsupported key is an error.
    pub fn rows<'v, 'i>(
        &self,
        table: &Table,
        path: &str,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Result<Vec<Row<'v, 'i>>, Problem> {
        self.rows_of(table, path, self.table_of(path, value)?)
    }

    /// Returns the rows of a table. An unsupported key is an error.
    pub fn rows_of<'v, 'i>(
        &self,
        table: &Table,
        path: &str,
        content: &'v DeTable<'i>,
    ) -> Result<Vec<Row<'v, 'i>>, Problem> {
        match entries(content).find(|(key, ..)| !table.is_known(key)) {
            Some((key, span, _)) => Err(self.unsupported(table, path, key, span)),
            None => Ok(entries(content).collect()),
        }
    }

    /// Returns the problem for an unsupported key of a table.
    pub fn unsupported(&self, table: &Table, path: &str, key: &str, span: Range<usize>) -> Problem {
        let place = match path {
            "" => "at the top".to_owned(),
            path if table.is_list => format!("in `[[{path}]]`"),
            path => format!("in `[{path}]`"),
        };
        self.unknown_key(key, span, &place, &table.known())
    }

    /// Returns the problem for an unknown key, and suggests a similar known key.
    pub fn unknown_key(&self, key: &str, span: Range<usize>, place: &str, known: &[&str]) -> Problem {
        self.problem(span, format!("unknown key `{key}` {place}")).help(did_you_mean(key, known))
    }

    /// Returns the line at a position.
    pub fn line(&self, span: &Range<usize>) -> &str {
        let start = self.text.floor_char_boundary(span.start);
        let begin = self.text[..start].rfind('\n').map_or(0, |idx| idx + 1);
        self.text[begin..].lines().next().unwrap_or_default().trim()
    }

    /// Returns a problem at a position.
    pub fn problem(&self, span: Range<usize>, text: impl Into<String>) -> Problem {
        let before = &self.text[..self.text.floor_char_boundary(span.start)];
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.rsplit('\n').next().map_or(0, |rest| rest.chars().count());
        Problem::setting(text).at(format!("{}:{line}:{column}", self.file))
    }
}

/// Returns the rows of a table: key, position and value.
pub fn entries<'a, 'i>(table: &'a DeTable<'i>) -> impl Iterator<Item = Row<'a, 'i>> {
    table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value))
}

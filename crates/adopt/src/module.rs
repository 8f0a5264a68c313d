//! A module of the program with its functions and imports.

use meshsynth_facts as facts;

use crate::files::{self, Files};
use crate::names::{Given, pascal};
use crate::passes::imports::Imports;
use crate::passes::{long, pods, shared, tables, unused};
use crate::tree::{Expr, Function, Literal, Path, Statement, layout};

/// A file of the program.
#[derive(Default)]
pub struct Module {
    /// Its documentation.
    pub doc: String,
    /// The kinds that it defines.
    pub kinds: Vec<Kind>,
    /// Its tables.
    pub tables: Vec<Table>,
    /// Its struct.
    pub record: Option<Record>,
    /// Its functions.
    pub functions: Vec<Function>,
    /// Its submodules.
    pub modules: Vec<String>,
}

/// A table of pairs of texts.
pub struct Table {
    /// Its documentation.
    pub doc: &'static str,
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: Vec<(String, String)>,
}

/// A struct of template parameters, with the function that defines them.
pub struct Record {
    /// Its name.
    pub name: &'static str,
    /// The fields with their values and comments.
    pub fields: Vec<(String, Expr, Vec<String>)>,
    /// The statements before the fields.
    pub others: Vec<Statement>,
}

/// A kind of object without a type in the library.
pub struct Kind {
    /// Its name in the program.
    pub name: String,
    /// Its `apiVersion`.
    pub api_version: String,
    /// Its `kind`.
    pub kind: String,
    /// Whether it is namespaced.
    pub is_namespaced: bool,
}

/// The text of a module, and the services of `meshsynth-services` that it uses.
pub struct Printed {
    /// The text.
    pub text: String,
    /// The services.
    pub services: Vec<String>,
}

impl Module {
    /// Returns the text of the file. `path` is below `src` and has no extension.
    pub fn print(mut self, path: &str, files: &mut Files) -> Printed {
        for function in &mut self.functions {
            function.statements.iter_mut().for_each(|it| {
                it.change(&mut |expr| {
                    if let Expr::Literal(Literal::File(file)) = expr {
                        file.path = files::from_module(&files.place(file), path);
                    }
                });
            });
        }
        for function in &mut self.functions {
            unused::forget(&mut function.statements, function.returns.iter().map(|(name, _)| name.as_str()));
            unused::vary(&mut function.statements);
            function.statements = tables::folded(std::mem::take(&mut function.statements));
            let params = function.params.iter().map(|it| it.name.as_str());
            let mut given = long::given(params, &function.statements);
            shared::apart(&mut function.statements, &mut given);
            pods::apart(&mut function.statements, &mut given);
            long::apart(&mut function.statements, &mut given);
        }
        let mut imports = Imports::default();
        self.kinds.iter().for_each(|kind| kind.paths().iter().for_each(|path| imports.add(path)));
        if let Some(record) = &self.record {
            record.paths().iter().for_each(|path| imports.add(path));
            record.others.iter().for_each(|it| it.visit(&mut |expr| imports.see(expr)));
            record.fields.iter().for_each(|(_, value, _)| value.visit(&mut |expr| imports.see(expr)));
        }
        for function in &self.functions {
            function.statements.iter().for_each(|it| it.visit(&mut |expr| imports.see(expr)));
            function.params.iter().filter_map(|it| it.is.path()).for_each(|it| imports.add(it));
            function.returns.iter().for_each(|(_, it)| imports.add(it));
        }
        let chosen = imports.chosen(&self.modules);
        for function in &mut self.functions {
            function.statements.iter_mut().for_each(|it| it.change(&mut |expr| chosen.shorten(expr)));
            function.params.iter_mut().filter_map(|it| it.is.path_mut()).for_each(|it| chosen.shorten_path(it));
            function.returns.iter_mut().for_each(|(_, it)| chosen.shorten_path(it));
        }
        let modules: String = self.modules.iter().map(|name| format!("mod {name};\n")).collect();
        let kinds: Vec<String> = self.kinds.iter().map(Kind::text).collect();
        let functions = self.functions.iter().map(layout::function);
        let head = format!("//! {}\n", layout::on_one_line(&self.doc));
        let tables = self.tables.iter().map(Table::text);
        let record = self.record.as_ref().map(Record::text);
        let parts = [head, modules, chosen.text.clone()].into_iter().chain(kinds).chain(tables).chain(record);
        let parts = parts.chain(functions);
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        Printed { text: parts.join("\n"), services: imports.services().map(str::to_owned).collect() }
    }
}

impl Table {
    fn text(&self) -> String {
        let shown = |text: &String| Literal::Text(text.clone()).shown();
        let rows = self.rows.iter().map(|(one, other)| format!("    ({}, {}),\n", shown(one), shown(other)));
        let rows: String = rows.collect();
        let n_rows = self.rows.len();
        format!("/// {}\npub(super) const {}: [(&str, &str); {n_rows}] = [\n{rows}];\n", self.doc, self.name)
    }
}

impl Record {
    fn paths(&self) -> [Path; 2] {
        ["intrinsic::Intrinsic".into(), "Stack".into()]
    }

    fn text(&self) -> String {
        let name = self.name;
        let fields: String =
            self.fields.iter().map(|(name, ..)| format!("    pub {name}: intrinsic::Intrinsic,\n")).collect();
        let rest: String = self.others.iter().map(|it| layout::commented_statement(it, 8)).collect();
        let values = self.fields.iter().map(|(name, value, comments)| {
            format!("{}{}", layout::comments(comments, 12), layout::field(name, value, 12))
        });
        let values: String = values.collect();
        format!(
            "/// The parameters.\npub(super) struct {name} {{\n{fields}}}\n\nimpl {name} {{\n    /// Defines the parameters.\n    \
             pub fn define(stack: &Stack) -> Self {{\n{rest}        Self {{\n{values}        }}\n    }}\n}}\n"
        )
    }
}

impl Kind {
    /// Creates a kind with a unique name.
    pub fn new(api_version: &str, kind: &str, is_namespaced: bool, names: &mut Given) -> Self {
        let name = names.take(&pascal(kind), "");
        Self { name, api_version: api_version.to_owned(), kind: kind.to_owned(), is_namespaced }
    }

    fn paths(&self) -> [Path; 2] {
        ["kube::Kind".into(), "Wave::Crds".into()]
    }

    fn text(&self) -> String {
        let wave = format!("{:?}", facts::wave(&self.api_version, &self.kind));
        let shown = |text: &str| Literal::Text(text.to_owned()).shown();
        format!(
            "/// {}\npub struct {name};\n\nimpl kube::Kind for {name} {{\n    const API_VERSION: &'static str = {};\n    \
             const KIND: &'static str = {};\n    const NAMESPACED: bool = {};\n    const WAVE: Wave = Wave::{wave};\n}}\n",
            layout::on_one_line(&format!("`{}` of `{}`.", self.kind, self.api_version)),
            shown(&self.api_version),
            shown(&self.kind),
            self.is_namespaced,
            name = self.name,
        )
    }
}

/// Writes a call of a module's function.
pub fn call(module: &str, scope: Expr) -> Expr {
    Expr::call(format!("{module}::define"), [scope])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_never_become_code() {
        let doc = "The stack `a\npub fn x() {}\r\n`.".to_owned();
        let text = Module { doc, ..Module::default() }.print("a", &mut Files::default()).text;
        assert!(text.starts_with("//! The stack `a pub fn x() {}  `.\n"), "{text}");
    }
}

//! Units of statements: a workload and its related objects stay together.

use std::collections::{BTreeMap, BTreeSet};

use crate::Estate;
use crate::code::Writer;
use crate::names::{self, Given};
use crate::origin::Origin;
use crate::passes::files;
use crate::report::{Became, Row};
use crate::tree::{Expr, Line, Statement};

use super::adopted::{Adopted, AdoptedObjects};
use super::document;
use super::family::{self, Family};
use super::object::{self, Kinds};

/// Statements that stay together.
pub struct Unit {
    /// The name of the workload or the object.
    pub name: String,
    /// The namespace of their objects, or `None` if they are cluster-scoped.
    pub namespace: Option<String>,
    /// The component, according to the labels of their objects.
    pub component: Option<String>,
    /// Whether they use the variable of the namespace.
    pub is_within: bool,
    /// Whether they define the namespace.
    pub makes_namespace: bool,
    /// The statements.
    pub statements: Vec<Statement>,
}

/// The shared context of all statements.
struct Shared<'a, 'w, 't> {
    adopted: &'a [Adopted<'a>],
    cluster: String,
    kinds: &'a mut Kinds,
    writer: &'w mut Writer<'t>,
    written: &'a mut AdoptedObjects,
    ids: Given,
    variables: Given,
    namespaces: BTreeMap<String, String>,
}

/// The construct of a namespace, and the additions of `new`.
const NAMESPACE: (&str, &str) =
    ("mesh::Namespace", "a pod security level, a network policy that denies everything except DNS, mesh labels");

/// Returns the units in source order, a workload at the first of its related objects, and the variables of namespaces.
pub fn units(
    adopted: &[Adopted<'_>],
    estate: &Estate,
    kinds: &mut Kinds,
    writer: &mut Writer<'_>,
    written: &mut AdoptedObjects,
) -> (Vec<Unit>, BTreeMap<String, String>) {
    let typed: Vec<bool> =
        adopted.iter().map(|it| it.read.has_valid_namespace() && object::value(&it.read, writer).is_some()).collect();
    let reads: Vec<&object::Read> = adopted.iter().map(|it| &it.read).collect();
    let families = family::families(&reads, &|at| typed[at]);
    let mut family_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, family) in families.iter().enumerate() {
        let members = family.members.iter().map(|(at, _)| *at);
        family_of.extend(members.chain([family.head]).map(|at| (at, number)));
    }
    let names: BTreeSet<&str> = reads.iter().filter_map(|it| it.namespace_name()).collect();
    let mut variables = Given::variables();
    let namespaces =
        names.into_iter().map(|name| (name.to_owned(), variables.take(&names::snake(name), "_"))).collect();
    let cluster = names::kebab(&estate.cluster);
    let ids = Given::default();
    let mut shared = Shared { adopted, cluster, kinds, writer, written, ids, variables, namespaces };
    let (mut units, mut done) = (Vec::new(), BTreeSet::new());
    for at in 0..adopted.len() {
        let unit = match family_of.get(&at) {
            Some(number) if !done.insert(*number) => continue,
            Some(number) => shared.family(&families[*number]),
            None if typed[at] && adopted[at].read.is_namespace() => shared.namespace(at),
            None => shared.kind(at),
        };
        units.push(unit);
    }
    (units, shared.namespaces)
}

impl Shared<'_, '_, '_> {
    fn row(&mut self, at: usize, below: &str, became: Became) {
        let Adopted { read, exists } = &self.adopted[at];
        let (kind, name) = (read.kind.clone(), read.full_name());
        let origin = Origin::Object(kind.clone(), name.clone());
        self.written.origins.push((format!("{}/{below}", self.cluster), origin));
        self.written.rows.push(Row { file: exists.file.clone(), kind, name, became });
    }

    /// Writes an object as its kind.
    fn kind(&mut self, at: usize) -> Unit {
        let Adopted { read, exists } = &self.adopted[at];
        let called = match read.is_definition() {
            true => read.name.clone(),
            false => format!("{}-{}", read.kind.to_lowercase(), read.name),
        };
        let id = self.ids.take(&names::kebab(&called), "-");
        let (mut statement, became) = match document::define(read, &id, &exists.comments) {
            Some(statement) => (statement, Became::Typed(document::CONSTRUCT.to_owned())),
            None => object::define(read, &id, &exists.comments, self.kinds, self.writer),
        };
        files::apart(&mut statement, &names::kebab(&read.name));
        self.row(at, &id, became);
        Unit {
            name: read.name.clone(),
            namespace: read.namespace.clone(),
            component: read.component(),
            is_within: false,
            makes_namespace: false,
            statements: vec![statement],
        }
    }

    /// Writes a namespace definition.
    fn namespace(&mut self, at: usize) -> Unit {
        let Adopted { read, exists } = &self.adopted[at];
        let Some(value) = object::value(read, self.writer) else { return self.kind(at) };
        let add = Expr::variable("cluster").method("add_namespace", [Expr::text(&read.name), value]);
        let variable = self.namespaces.get(&read.name).cloned().unwrap_or_default();
        let object = Expr::variable(&variable).method("object", []);
        let said = object::described(object.clone(), read, self.writer);
        let mut statement = object::statement(add.clone(), &exists.comments);
        statement.lines = vec![Line::Let { name: variable, is_mut: false, value: add }];
        statement.lines.extend((said != object).then_some(Line::Do(said)));
        self.row(at, &format!("namespaces/{}/namespace", read.name), Became::Construct(NAMESPACE.0, NAMESPACE.1));
        Unit {
            name: read.name.clone(),
            namespace: Some(read.name.clone()),
            component: None,
            is_within: false,
            makes_namespace: true,
            statements: vec![statement],
        }
    }

    /// Writes a workload and its related objects.
    fn family(&mut self, family: &Family) -> Unit {
        let Adopted { read, exists } = &self.adopted[family.head];
        let workload = family.workload;
        let namespace = read.namespace.clone().unwrap_or_default();
        // A namespace that is not among the objects is imported, and is directly below the cluster.
        let is_added = self.adopted.iter().any(|it| it.read.is_namespace() && it.read.name == namespace);
        let within = format!("{}{namespace}/{}", if is_added { "namespaces/" } else { "" }, read.name);
        let variable = self.variables.take(&names::snake(&read.name), "_");
        let own = self.namespaces.get(&namespace).cloned().unwrap_or_default();
        let arguments = [Some(Expr::variable(own).borrowed()), Some(Expr::text(&read.name))];
        let arguments = arguments.into_iter().flatten().chain(object::value(read, self.writer));
        let bare = Expr::call(format!("{}::bare", workload.construct), arguments);
        let object = Expr::variable(&variable).method(workload.method, []);
        let said = object::described(object.clone(), read, self.writer);
        let mut head = object::statement(bare.clone(), &exists.comments);
        head.lines = vec![Line::Let { name: variable.clone(), is_mut: false, value: bare }];
        head.lines.extend((said != object).then_some(Line::Do(said)));
        files::apart(&mut head, &names::kebab(&read.name));
        self.row(
            family.head,
            &format!("{within}/{}", workload.id),
            Became::Construct(workload.construct, workload.adds),
        );
        let mut statements = vec![head];
        for (at, method) in &family.members {
            let Adopted { read, exists } = &self.adopted[*at];
            let Some(value) = object::value(read, self.writer) else { continue };
            let name = method.rsplit("::").next().unwrap_or(method);
            let mut expr = Expr::variable(&variable).method(name, [Expr::text(&read.name), value]);
            if let Some(version) = read.other_version() {
                expr = expr.method("in_version", [Expr::text(version)]);
            }
            let expr = object::described(expr, read, self.writer);
            let mut statement = object::statement(expr, &exists.comments);
            files::apart(&mut statement, &names::kebab(&read.name));
            statements.push(statement);
            let below = format!("{within}/{}-{}", read.kind.to_lowercase(), read.name);
            self.row(*at, &below, Became::Construct(method, ""));
        }
        let head = &self.adopted[family.head].read;
        let (name, component) = (head.name.clone(), head.component());
        Unit { name, namespace: Some(namespace), component, is_within: true, makes_namespace: false, statements }
    }
}

//! Templates and objects with random properties and code-like texts. The output must be valid Rust, and source text
//! must not become a statement.

use std::collections::BTreeMap;

use meshsynth_adopt::types::{Kind, Types};
use meshsynth_adopt::{Estate, Exclusions, Object, Project, Template, project};
use meshsynth_facts as facts;
use meshsynth_model::val::{Bag, Data};

/// Texts that could close a literal, a comment or a function if they are not escaped.
const TEXTS: [&str; 18] = [
    "plain",
    "",
    "it's \"quoted\" and \\escaped\\",
    "\"); injected(); //",
    "\"#); injected(); r#\"",
    "\"###\"####",
    "}\nfn injected() {}\n",
    "*/ fn injected() {} /*",
    "line\r\nreturn\rbare",
    "{} {0} {injected()} {{",
    "${Injected} ${!Literal} ${A.B} ${",
    "\u{202e}txet\u{2066}",
    "\u{0}\u{7}\u{1b}\u{feff}\u{1}",
    "Größe 名前 🦀",
    "'a' b'c' '\\''",
    "true",
    "0644",
    "#!/bin/sh\necho \"#\"##\n",
];

/// A pseudorandom generator with a fixed seed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn text(&mut self) -> String {
        TEXTS[self.below(TEXTS.len())].to_owned()
    }

    /// Returns a value that usually has this kind.
    fn value(&mut self, kind: &Kind, types: &Types, depth: usize) -> Data {
        match (self.below(12), kind) {
            (0, _) => self.function(),
            (1, _) => self.anything(depth),
            (_, Kind::Text | Kind::Id(_) | Kind::IntOrText) => Data::from(self.text()),
            (_, Kind::Bool) => Data::Bool(self.below(2) == 0),
            (_, Kind::Int) => Data::Int([0, -1, 443, i64::MAX, i64::MIN][self.below(5)]),
            (_, Kind::Float) => Data::Float([0.0, -0.0, 1.0, 1e300, 1e-7, f64::NAN, f64::NEG_INFINITY][self.below(7)]),
            (_, Kind::List(item)) => {
                let n = self.below(3);
                Data::List((0..n).map(|_| self.value(item, types, depth + 1)).collect())
            }
            (_, Kind::Map(item)) => {
                let n = self.below(3);
                Data::Map((0..n).map(|_| (self.text(), self.value(item, types, depth + 1))).collect())
            }
            (_, Kind::Named(path)) if depth < 4 => match types.record(path) {
                Some(_) => Data::Map(self.record(path, types, depth + 1)),
                None => Data::from(self.text()),
            },
            _ => self.anything(depth),
        }
    }

    fn record(&mut self, path: &str, types: &Types, depth: usize) -> Bag {
        let Some(record) = types.record(path) else { return Bag::default() };
        let mut bag = Bag::default();
        for prop in &record.required {
            bag.set(prop.key.clone(), self.value(&prop.kind, types, depth));
        }
        for prop in &record.optional {
            if self.below(3 + depth * 2) == 0 {
                bag.set(prop.key.clone(), self.value(&prop.kind, types, depth));
            }
        }
        if self.below(6) == 0 {
            bag.set(self.text(), self.text());
        }
        bag
    }

    fn anything(&mut self, depth: usize) -> Data {
        match self.below(7) {
            0 => Data::Null,
            1 => Data::Bool(true),
            2 => Data::Int(5),
            3 => Data::Float(0.5),
            4 if depth < 5 => Data::List((0..2).map(|_| self.anything(depth + 1)).collect()),
            5 if depth < 5 => Data::Map((0..2).map(|_| (self.text(), self.anything(depth + 1))).collect()),
            _ => Data::from(self.text()),
        }
    }

    fn function(&mut self) -> Data {
        let text = self.text();
        let list = |items: Vec<Data>| Data::List(items);
        let (name, argument) = match self.below(9) {
            0 => ("Ref", Data::from("Stage")),
            1 => ("Ref", Data::from(text)),
            2 => ("Fn::GetAtt", list(vec![Data::from("First"), Data::from(text)])),
            3 => ("Fn::Sub", Data::from(format!("{text}${{Stage}}{text}"))),
            4 => ("Fn::If", list(vec![Data::from(text.clone()), Data::from(text), self.anything(3)])),
            5 => ("Fn::Join", list(vec![Data::from(text.clone()), list(vec![Data::from(text)])])),
            6 => ("Fn::ForEach::Loop", self.anything(2)),
            7 => ("Fn::Transform", self.anything(2)),
            _ => ("Fn::Injected", Data::from(text)),
        };
        Data::Map(Bag::default().with(name, argument))
    }
}

fn template(stack: String, resources: Bag, random: &mut Random) -> Template {
    let text = |random: &mut Random| Data::from(random.text());
    let mut data = Bag::default().with("Description", text(random)).with("Transform", "AWS::LanguageExtensions");
    let stage = Bag::default().with("Type", "String").with("Default", text(random)).with("Description", text(random));
    data.set("Parameters", Bag::default().with("Stage", stage));
    data.set("Mappings", Bag::default().with(random.text(), Bag::default().with(random.text(), random.anything(3))));
    data.set("Conditions", Bag::default().with(random.text(), random.function()));
    data.set("Metadata", Bag::default().with(random.text(), random.anything(2)));
    data.set("Outputs", Bag::default().with(random.text(), Bag::default().with("Value", random.function())));
    let comments = resources.iter().map(|(id, _)| (format!("Resources.{id}"), vec![random.text()])).collect();
    data.set("Resources", resources);
    Template {
        stack,
        account: None,
        region: "eu-west-1".to_owned(),
        file: random.text(),
        label: random.text(),
        is_nested: false,
        nested: BTreeMap::new(),
        data: Data::Map(data),
        lines: BTreeMap::new(),
        comments,
    }
}

fn assert_is_rust(project: &Project) {
    for (path, text) in &project.files {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
        assert!(!text.contains(['\u{202e}', '\u{2066}']), "{path} shows another text than it has");
        for item in &file.items {
            match item {
                syn::Item::Fn(function) => {
                    // A repeated group is a private function, and returns the variables that other statements use.
                    let name = function.sig.ident.to_string();
                    let is_main = ["define", "platform"].contains(&&*name);
                    assert_eq!(is_main, !matches!(function.vis, syn::Visibility::Inherited), "{path}: {name}");
                    assert!(!name.contains("inject") || !is_main, "{path}: {name}");
                    let statements = &function.block.stmts;
                    let result = usize::from(!matches!(function.sig.output, syn::ReturnType::Default));
                    let n_plain = statements.len() - result;
                    statements[..n_plain].iter().for_each(|statement| assert_is_of_the_library(statement, path));
                }
                syn::Item::Const(table) => {
                    assert!(table.ident.to_string().starts_with("LOGICAL_IDS"), "{path}");
                    let syn::Expr::Array(rows) = &*table.expr else { panic!("{path} has another table") };
                    rows.elems.iter().for_each(|row| assert_is_pair(row, path));
                }
                syn::Item::Use(_) | syn::Item::Mod(_) | syn::Item::Struct(_) | syn::Item::Impl(_) => {}
                _ => panic!("{path} has another item"),
            }
        }
    }
}

/// Asserts that a row of a table is a pair of literals.
fn assert_is_pair(row: &syn::Expr, path: &str) {
    let is_literal = |it: &syn::Expr| matches!(it, syn::Expr::Lit(_));
    assert!(matches!(row, syn::Expr::Tuple(pair) if pair.elems.iter().all(is_literal)), "{path} has another row");
}

/// Asserts that a statement is a `let`, or a call of a method or module.
fn assert_is_of_the_library(statement: &syn::Stmt, path: &str) {
    let is_call = |expression: &syn::Expr| match expression {
        syn::Expr::MethodCall(_) => true,
        syn::Expr::Call(call) => matches!(&*call.func, syn::Expr::Path(it) if !it.path.is_ident("injected")),
        _ => false,
    };
    if let syn::Stmt::Expr(syn::Expr::ForLoop(table), _) = statement {
        return table.body.stmts.iter().for_each(|inner| assert_is_of_the_library(inner, path));
    }
    let is_known = match statement {
        syn::Stmt::Local(_) => true,
        syn::Stmt::Expr(expression, _) => is_call(expression),
        _ => false,
    };
    assert!(is_known, "{path} has another statement");
}

#[test]
fn random_templates_become_rust_without_injected_code() {
    let (mut random, mut types) = (Random(7), Types::default());
    let services =
        ["S3", "SQS", "Lambda", "EC2", "IAM", "ECS", "CloudFront", "WAFv2", "Kinesis", "DynamoDB", "Batch", "RDS"];
    let mut estate = Estate { app: "random".to_owned(), ..Estate::default() };
    for service in services {
        let mut resources = Bag::default().with("First", Bag::default().with("Type", "AWS::SQS::Queue"));
        for type_name in facts::resource_types(&format!("AWS::{service}")) {
            let Some(path) = types.resource(type_name).map(|record| record.path.clone()) else { continue };
            let mut body = Bag::default().with("Type", type_name).with("Properties", random.record(&path, &types, 0));
            if random.below(4) == 0 {
                body.set("DependsOn", random.text());
            }
            if random.below(4) == 0 {
                body.set("Metadata", Bag::default().with(random.text(), random.anything(2)));
            }
            resources.set(format!("{}{}", random.text(), type_name.replace("::", "")), body);
        }
        let stack = format!("{service}{}", random.text());
        estate.templates.push(template(stack, resources, &mut random));
    }
    let project = project(&estate, &Exclusions::default());
    assert_eq!(project.report.refusals, []);
    assert!(project.report.rows.len() > 200, "{}", project.report.rows.len());
    assert_is_rust(&project);
}

#[test]
fn random_objects_become_rust_without_injected_code() {
    let (mut random, mut types) = (Random(11), Types::default());
    let mut estate =
        Estate { app: "random".to_owned(), cluster: "\"); injected(); //".to_owned(), ..Estate::default() };
    for (idx, (version, kind)) in facts::known_kinds().enumerate() {
        let path = types.object(version, kind).map(|record| record.path.clone());
        let mut body = path.map(|path| random.record(&path, &types, 0)).unwrap_or_default();
        let labels = Bag::default().with(random.text(), random.text());
        let metadata = Bag::default().with("name", format!("{}{idx}", random.text())).with("labels", labels);
        body.set("apiVersion", version);
        body.set("kind", kind);
        body.set("metadata", metadata.with("annotations", Bag::default().with(random.text(), random.text())));
        let (file, namespace, comments) = (random.text(), random.text(), vec![random.text()]);
        estate.objects.push(Object { file, line: 1, namespace, data: Data::Map(body), comments });
    }
    let project = project(&estate, &Exclusions::default());
    assert!(project.report.rows.len() > 50, "{}", project.report.rows.len());
    assert_is_rust(&project);
}

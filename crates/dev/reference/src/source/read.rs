//! Reads files, module by module.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Fields, Item, UseTree, Visibility};

use super::doc::Doc;
use super::item::{Block, Field, Kind, Method, Type, Variant};
use super::module::{Module, To};
use super::text;

/// The items that were read so far.
pub struct Reader {
    root: PathBuf,
    modules: BTreeMap<Vec<String>, Module>,
    types: Vec<Type>,
    impls: Vec<Block>,
}

/// A file, and the folder with the files of its modules.
struct Place {
    file: PathBuf,
    folder: PathBuf,
}

impl Reader {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf(), modules: BTreeMap::new(), types: Vec::new(), impls: Vec::new() }
    }

    pub fn finish(self) -> (BTreeMap<Vec<String>, Module>, Vec<Type>, Vec<Block>) {
        (self.modules, self.types, self.impls)
    }

    /// Reads the crate `name`. Below the first level, reads only the wanted modules.
    pub fn read_crate(&mut self, name: &str, folder: &str, is_wanted: &dyn Fn(&[String]) -> bool) {
        let folder = self.root.join(folder);
        let place = Place { file: folder.join("lib.rs"), folder };
        self.file(&[name.to_owned()], &place, is_wanted);
    }

    fn file(&mut self, path: &[String], place: &Place, is_wanted: &dyn Fn(&[String]) -> bool) {
        let name = place.file.display();
        let text = fs::read_to_string(&place.file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        self.items(path, place, &file.items, is_wanted);
    }

    fn items(&mut self, path: &[String], place: &Place, items: &[Item], is_wanted: &dyn Fn(&[String]) -> bool) {
        let mut module = Module::default();
        for item in items {
            match item {
                Item::Mod(it) if !is_test(&it.attrs) => {
                    let inner = [path, &[it.ident.to_string()]].concat();
                    if path.len() == 1 && !is_wanted(&inner) {
                        continue;
                    }
                    let name = it.ident.to_string();
                    module.add(&name, To::Module(inner.clone()), is_public(&it.vis));
                    let folder = place.folder.join(&name);
                    match &it.content {
                        Some((_, items)) => {
                            let place = Place { file: place.file.clone(), folder };
                            self.items(&inner, &place, items, is_wanted);
                        }
                        None => {
                            let beside = place.folder.join(format!("{name}.rs"));
                            let file = if beside.exists() { beside } else { folder.join("mod.rs") };
                            self.file(&inner, &Place { file, folder }, is_wanted);
                        }
                    }
                }
                Item::Use(it) => uses(&mut module, &it.tree, &[], is_public(&it.vis)),
                Item::Struct(it) => {
                    let kind = Kind::Struct(fields(&it.fields));
                    self.add(&mut module, path, place, (&it.ident, &it.vis, &it.attrs), kind);
                }
                Item::Enum(it) => {
                    let kind = Kind::Enum(it.variants.iter().map(variant).collect());
                    self.add(&mut module, path, place, (&it.ident, &it.vis, &it.attrs), kind);
                }
                Item::Trait(it) => self.add(&mut module, path, place, (&it.ident, &it.vis, &it.attrs), Kind::Other),
                Item::Type(it) => self.add(&mut module, path, place, (&it.ident, &it.vis, &it.attrs), Kind::Other),
                Item::Impl(it) => self.impls.extend(block(it, path)),
                Item::Macro(it) if it.mac.path.is_ident(USED_AS_PODS) => self.impls.extend(pods(&it.mac, path)),
                _ => {}
            }
        }
        self.modules.insert(path.to_vec(), module);
    }

    fn add(
        &mut self,
        module: &mut Module,
        path: &[String],
        place: &Place,
        (ident, vis, attrs): (&syn::Ident, &Visibility, &[syn::Attribute]),
        kind: Kind,
    ) {
        let number = self.types.len();
        let file = place.file.strip_prefix(&self.root).unwrap_or(&place.file);
        let file = file.to_string_lossy().replace('\\', "/");
        let name = ident.to_string();
        module.add(&name, To::Type(number), is_public(vis));
        let (module, doc) = (path.to_vec(), Doc::of(attrs));
        self.types.push(Type {
            number,
            name,
            module,
            file,
            kind,
            doc,
            methods: Vec::new(),
            traits: BTreeSet::new(),
            target: None,
        });
    }
}

/// The macro that makes every kind of workload dereference to its pods.
const USED_AS_PODS: &str = "is_used_as_its_pods";
const OF_PODS: [&str; 4] = ["Client", "Deref", "Grantee", "Runs"];

fn pods(of: &syn::Macro, module: &[String]) -> Vec<Block> {
    let names = text::of(&of.tokens);
    let names = names.split(',').map(|name| name.trim().to_owned());
    let blocks = names.flat_map(|of| OF_PODS.map(|of_trait| (of.clone(), of_trait)));
    blocks
        .map(|(of, of_trait)| Block {
            module: module.to_vec(),
            of,
            of_trait: Some(of_trait.to_owned()),
            methods: Vec::new(),
            target: (of_trait == "Deref").then(|| "crate::mesh::Pods".to_owned()),
        })
        .collect()
}

fn is_public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

fn is_test(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|it| it.path().is_ident("cfg") && text::of(&it.meta).contains("test"))
}

fn is_hidden(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|it| matches!(&it.meta, syn::Meta::List(list) if list.path.is_ident("doc") && text::of(&list.tokens) == "hidden"))
}

fn uses(module: &mut Module, tree: &UseTree, before: &[String], is_public: bool) {
    let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(it) => uses(module, &it.tree, &with(&it.ident), is_public),
        UseTree::Name(it) if it.ident == "self" => {
            if let Some(name) = before.last() {
                module.add(name, To::Use(before.to_vec()), is_public);
            }
        }
        UseTree::Name(it) => module.add(&it.ident.to_string(), To::Use(with(&it.ident)), is_public),
        UseTree::Rename(it) => module.add(&it.rename.to_string(), To::Use(with(&it.ident)), is_public),
        UseTree::Group(it) => it.items.iter().for_each(|tree| uses(module, tree, before, is_public)),
        UseTree::Glob(_) => module.globs.push(before.to_vec()),
    }
}

fn fields(fields: &Fields) -> Vec<Field> {
    let public = fields.iter().filter(|it| is_public(&it.vis) && !is_hidden(&it.attrs));
    public
        .filter_map(|it| {
            let name = it.ident.as_ref()?.to_string();
            Some(Field { name, type_: text::of(&it.ty), doc: Doc::of(&it.attrs) })
        })
        .collect()
}

fn variant(it: &syn::Variant) -> Variant {
    let data: Vec<String> = it
        .fields
        .iter()
        .map(|field| match &field.ident {
            Some(name) => format!("{name}: {}", text::of(&field.ty)),
            None => text::of(&field.ty),
        })
        .collect();
    let data = data.join(", ");
    let name = match &it.fields {
        Fields::Unit => it.ident.to_string(),
        Fields::Unnamed(_) => format!("{}({data})", it.ident),
        Fields::Named(_) => format!("{} {{ {data} }}", it.ident),
    };
    Variant { name, data, doc: Doc::of(&it.attrs) }
}

fn block(it: &syn::ItemImpl, module: &[String]) -> Option<Block> {
    let syn::Type::Path(path) = it.self_ty.as_ref() else { return None };
    let of = path.path.segments.last()?.ident.to_string();
    let of_trait = it.trait_.as_ref().and_then(|(_, path, _)| Some(path.segments.last()?.ident.to_string()));
    let functions = it.items.iter().filter_map(|item| match item {
        syn::ImplItem::Fn(function) if is_public(&function.vis) && !is_hidden(&function.attrs) => Some(function),
        _ => None,
    });
    let methods = functions.map(|function| Method::read(function, &of, module)).collect();
    let target = it.items.iter().find_map(|item| match item {
        syn::ImplItem::Type(target) if target.ident == "Target" => Some(text::of(&target.ty)),
        _ => None,
    });
    Some(Block { module: module.to_vec(), of, of_trait, methods, target })
}

//! The methods of a construct, grouped by kind.

use std::fmt::Write;

use super::fields::cell;
use crate::links;
use crate::source::{Library, Method, Type};

/// A group of methods: its title, its introduction, and a function that selects its methods.
type Group = (&'static str, &'static str, fn(&Type, &Method) -> bool);

const GROUPS: &[Group] = &[
    ("Access", "", |_, it| it.has_receiver && it.name.starts_with("allow_")),
    (
        "Grants",
        "Permissions for a workload, function or role; [the table of grants](../grants.md) lists the actions of each.",
        |_, it| it.has_receiver && it.name.starts_with("grant_"),
    ),
    ("Child constructs", "", |_, it| it.has_receiver && it.name.starts_with("add_")),
    ("Values", "For variables, outputs and other constructs.", |_, it| {
        it.has_receiver && it.params.is_empty() && it.returns.as_deref().is_some_and(is_value)
    }),
    ("Relations and settings", "", |_, it| it.has_receiver),
    ("Functions", "", |of, it| !it.has_receiver && it.returns.as_deref() != Some(of.name.as_str())),
];

/// Whether a method returns an existing value.
fn is_value(returns: &str) -> bool {
    const PLAIN: &[&str] = &[
        "Val<",
        "Secret",
        "str",
        "String",
        "u16",
        "u32",
        "usize",
        "bool",
        "Cidr",
        "Endpoint",
        "Option<Key>",
        "Key",
        "Duration",
    ];
    PLAIN.iter().any(|it| returns.contains(it))
}

/// Traits for the uses of a construct, each with a sentence for the page.
const ROLES: &[(&str, &str)] = &[
    ("Client", "It can be a client: `db.allow_from(&it)`."),
    ("Grantee", "It can be granted permissions: `bucket.grant_read(&it)`."),
    ("Monitored", "It can be monitored by an `Alarm` or a dashboard."),
];

/// Renders the sections of all methods.
pub fn all(library: &Library, of: &Type) -> String {
    let mut text = String::new();
    if let Some(target) = library.target(of).filter(|it| library.is_construct(it)) {
        let (name, file) = (library.name(target), links::file(library, target));
        let names: Vec<String> = target.methods.iter().map(|it| format!("`{}`", it.name)).collect();
        let _ = write!(
            text,
            "\n## Used as {name}\n\nThe methods of [`{name}`]({file}) can also be called on it: {}.\n",
            names.join(", ")
        );
    }
    let mut left: Vec<&Method> = of.methods.iter().filter(|it| !it.doc.is_empty()).collect();
    for (title, said, is_of) in GROUPS {
        let (own, others): (Vec<&Method>, Vec<&Method>) = left.into_iter().partition(|it| is_of(of, it));
        left = others;
        if own.is_empty() {
            continue;
        }
        let said = if said.is_empty() { String::new() } else { format!("{said}\n\n") };
        let _ = write!(text, "\n## {title}\n\n{said}| method | description |\n|---|---|\n");
        for method in own {
            let what = links::resolved(library, of, &method.doc.flat());
            let _ = writeln!(text, "| `{}` | {} |", cell(&method.call()), cell(&what));
        }
    }
    let roles: Vec<&str> = ROLES.iter().filter(|(name, _)| of.traits.contains(*name)).map(|(_, said)| *said).collect();
    if !roles.is_empty() {
        let _ = write!(text, "\n## Supported roles\n\n- {}\n", roles.join("\n- "));
    }
    text
}

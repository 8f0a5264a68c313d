//! Named formats, such as `format.dns1123Label()`.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-format-library>

use cel::common::types::{CelOptional, STRING_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env};
use regex::Regex;

use super::{Args, Returned, arg, opaque, text, texts};

/// The names of the functions.
pub const NAMES: &[&str] = &[
    "named",
    "validate",
    "dns1123Label",
    "dns1123Subdomain",
    "dns1035Label",
    "qualifiedName",
    "dns1123LabelPrefix",
    "dns1123SubdomainPrefix",
    "dns1035LabelPrefix",
    "labelValue",
    "uri",
    "uuid",
    "byte",
    "date",
    "datetime",
];

/// A format by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format(&'static str);

opaque!(Format, "kubernetes.NamedFormat");

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

/// Returns the formats with the maximum length and the regular expression. A prefix may end with a dash.
fn rows() -> [(&'static str, usize, String); 13] {
    let subdomain = format!(r"{LABEL}(\.{LABEL})*");
    let value = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])";
    let day = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])";
    [
        ("dns1123Label", 63, LABEL.to_owned()),
        ("dns1123LabelPrefix", 63, "[a-z0-9]([-a-z0-9]*)".to_owned()),
        ("dns1123Subdomain", 253, subdomain.clone()),
        ("dns1123SubdomainPrefix", 253, format!(r"{LABEL}(\.{LABEL})*[-.]?")),
        ("dns1035Label", 63, "[a-z]([-a-z0-9]*[a-z0-9])?".to_owned()),
        ("dns1035LabelPrefix", 63, "[a-z]([-a-z0-9]*)".to_owned()),
        ("qualifiedName", 317, format!("({subdomain}/)?{value}")),
        ("labelValue", 63, format!("{value}?")),
        ("uri", usize::MAX, String::new()),
        ("uuid", usize::MAX, "(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}".to_owned()),
        ("byte", usize::MAX, "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?".to_owned()),
        ("date", usize::MAX, day.to_owned()),
        ("datetime", usize::MAX, format!(r"{day}[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)")),
    ]
}

impl Format {
    /// Returns the faults of a text, in the order of the API server.
    fn faults(&self, text: &str) -> Vec<String> {
        let Some((name, most, pattern)) = rows().into_iter().find(|(name, ..)| *name == self.0) else {
            return Vec::new();
        };
        let mut faults = Vec::new();
        if text.len() > most {
            faults.push(format!("must be no more than {most} bytes"));
        }
        let fits = match name {
            "uri" => super::url::is_url(text),
            _ => Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|pattern| pattern.is_match(text)),
        };
        // The name after the slash has a shorter limit than the whole.
        let is_long = name == "qualifiedName" && text.rsplit('/').next().is_some_and(|name| name.len() > 63);
        if !fits || is_long {
            faults.push(format!("`{text}` is not a {name}"));
        }
        faults
    }
}

pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_type(Format::own_type())?;
    env.add_overload("format.named", "format.named(string)", vec![STRING_TYPE], |args| {
        let name = text(&args, 0)?;
        let format = rows().into_iter().find(|(known, ..)| *known == name);
        let found = format.map(|(name, ..)| Box::new(Format(name)) as Box<dyn Val>);
        Ok(CowVal::owned(found.map_or_else(CelOptional::none, CelOptional::of)))
    })?;
    macro_rules! formats {
        ($($name:literal),+) => {
            $(env.add_overload(concat!("format.", $name), concat!("format.", $name, "()"), vec![], |_| {
                Ok(CowVal::owned(Format($name)))
            })?;)+
        };
    }
    formats!(
        "dns1123Label",
        "dns1123LabelPrefix",
        "dns1123Subdomain",
        "dns1123SubdomainPrefix",
        "dns1035Label",
        "dns1035LabelPrefix",
        "qualifiedName",
        "labelValue",
        "uri",
        "uuid",
        "byte",
        "date",
        "datetime"
    );
    env.add_member_overload("validate", "format.validate(string)", Format::own_type(), vec![STRING_TYPE], validate)
}

/// Returns the faults of a text, or an empty optional if it is valid.
fn validate<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let faults = arg::<Format>(&args, 0)?.faults(text(&args, 1)?);
    if faults.is_empty() {
        return Ok(CowVal::owned(CelOptional::none()));
    }
    let list = super::kept(texts(faults.iter().map(String::as_str)).as_ref());
    Ok(CowVal::owned(CelOptional::of(list)))
}

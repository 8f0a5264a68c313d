//! Finds generated types by the names that users know: paths in Rust, and the vendors' names.

use meshsynth_adopt::types::{Listed, listed};
use meshsynth_model::problem::{Problem, list, nearest};

/// The first parts of paths and vendors' names, normalized.
const ROOTS: [&str; 5] = ["cfn::", "kube::", "services::", "aws::", "alexa::"];

/// Whether a name is the path of a generated type, or a vendor's name. `aws::sqs::Queue` is the path of a construct.
pub fn is_path(name: &str) -> bool {
    let is_construct = name.strip_prefix("meshsynth::").unwrap_or(name).starts_with("aws::");
    let name = normalized(name);
    let is_kind = name.split_once(' ').is_some_and(|(version, _)| version == "v1" || version.contains('/'));
    !is_construct && (is_kind || ROOTS.iter().any(|root| name.starts_with(root)))
}

/// Returns the type with this path or vendor's name.
///
/// # Errors
///
/// If the type does not exist, or if several types have the name.
pub fn find(name: &str) -> Result<Listed, Problem> {
    let all = listed();
    let wanted = normalized(name);
    // Comparing the last part first avoids computing all names of all types.
    let is_near =
        |it: &&Listed| wanted.ends_with(&normalized(last(&it.path))) || wanted.ends_with(&normalized(last(&it.vendor)));
    match one(name, all.iter().filter(is_near).filter(|it| names(it).contains(&wanted)).collect())? {
        Some(found) => Ok(found),
        None => {
            let problem = Problem::setting(format!("there is no resource type or kind named `{name}`"));
            let is_vendors = wanted.starts_with("aws::") || wanted.starts_with("alexa::") || wanted.contains(' ');
            let known: Vec<String> = match is_vendors {
                true => all.iter().map(|it| it.vendor.clone()).collect(),
                false => all.iter().map(Listed::shown).collect(),
            };
            Err(problem.help(match nearest(name.trim_start_matches("meshsynth::"), known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`? search with `meshsynth explain --search {}`", last(name)),
                None => format!(
                    "search with `meshsynth explain --search {}`; `cfn::Raw` defines resources of unknown types",
                    last(name)
                ),
            }))
        }
    }
}

/// Returns the resource type or kind whose path or vendor's name ends with a name, such as `DBProxy`.
///
/// # Errors
///
/// If several types have the name.
pub fn find_by_suffix(name: &str) -> Result<Option<Listed>, Problem> {
    let all = listed();
    let wanted = normalized(name);
    let ends =
        |known: &String| known.strip_suffix(&wanted).is_some_and(|rest| rest.is_empty() || rest.ends_with([':', ' ']));
    one(name, all.iter().filter(|it| it.is_main() && names(it).iter().any(ends)).collect())
}

/// Returns the resource types and kinds whose path or vendor's name contains all words.
pub fn search(words: &[String]) -> Vec<Listed> {
    let words: Vec<String> = words.iter().flat_map(|it| it.split_whitespace()).map(str::to_lowercase).collect();
    let has_all = |it: &Listed| {
        let text = format!("{} {}", it.vendor, it.shown()).to_lowercase();
        it.is_main() && !words.is_empty() && words.iter().all(|word| text.contains(word.as_str()))
    };
    listed().into_iter().filter(has_all).collect()
}

/// Returns the only type, preferring resource types and kinds over nested types.
fn one(name: &str, found: Vec<&Listed>) -> Result<Option<Listed>, Problem> {
    let main: Vec<&Listed> = found.iter().copied().filter(|it| it.is_main()).collect();
    let found = if main.is_empty() { found } else { main };
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some((*one).clone())),
        several => {
            let paths: Vec<String> = several.iter().map(|it| it.shown()).collect();
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            let help = format!("specify one of them: `meshsynth explain {}`", paths[0]);
            Err(Problem::setting(format!("`{name}` is ambiguous: {}", list(&paths))).help(help))
        }
    }
}

/// Returns the normalized names of a type.
fn names(listed: &Listed) -> Vec<String> {
    let mut names = vec![normalized(&listed.path), normalized(&listed.shown()), normalized(&listed.vendor)];
    // `cfn::rds::DBProxyAuthFormat` is `cfn::rds::db_proxy::AuthFormat`.
    if let [root, service, file, name] = listed.path.split("::").collect::<Vec<_>>()[..] {
        names.push(normalized(&format!("{root}::{service}::{file}{name}")));
    }
    // Users may not know the crate of a service.
    let others: Vec<String> =
        names.iter().filter_map(|it| Some(format!("cfn::{}", it.strip_prefix("services::")?))).collect();
    names.extend(others);
    names
}

/// Returns a name in lower case, without `_` and without the name of the crate.
fn normalized(name: &str) -> String {
    let name = name.trim().to_lowercase().replace(['_', '-'], "");
    let name = name.strip_prefix("meshsynth::").unwrap_or(&name);
    match name.strip_prefix("meshsynthservices::") {
        Some(rest) => format!("services::{rest}"),
        None => name.to_owned(),
    }
}

/// Returns the last part of a name.
fn last(name: &str) -> &str {
    name.rsplit([':', ' ', '.']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_type_by_each_of_its_names() {
        let path = |name: &str| find(name).map(|it| it.path).map_err(|problem| problem.to_string());
        for name in
            ["cfn::rds::DBProxy", "AWS::RDS::DBProxy", "meshsynth::cfn::rds::DbProxy", "cfn::rds::db_proxy::DbProxy"]
        {
            assert_eq!(path(name).as_deref(), Ok("cfn::rds::db_proxy::DbProxy"), "{name}");
        }
        for name in ["cfn::rds::DBProxyAuthFormat", "AWS::RDS::DBProxy.AuthFormat", "cfn::rds::db_proxy::AuthFormat"] {
            assert_eq!(path(name).as_deref(), Ok("cfn::rds::db_proxy::AuthFormat"), "{name}");
        }
        for name in ["meshsynth_services::kinesis::Stream", "cfn::kinesis::Stream", "AWS::Kinesis::Stream"] {
            assert_eq!(path(name).as_deref(), Ok("services::kinesis::stream::Stream"), "{name}");
        }
        for name in ["kube::apps::Deployment", "apps/v1 Deployment"] {
            assert_eq!(path(name).as_deref(), Ok("kube::apps::Deployment"), "{name}");
        }
        let found = |name: &str| find_by_suffix(name).map(|it| it.map(|it| it.shown())).map_err(|it| it.to_string());
        assert_eq!(found("DBProxy").unwrap().as_deref(), Some("cfn::rds::DbProxy"));
        assert!(found("Cluster").unwrap_err().contains("`cfn::eks::Cluster`"));
        assert_eq!(found("aws::rds::dbproxy").unwrap().as_deref(), Some("cfn::rds::DbProxy"));
        assert_eq!(found("DBPrxy"), Ok(None));
        assert!(!is_path("aws::sqs::Queue") && !is_path("meshsynth::aws::Vpc"));
        assert!(!is_path("rds::Database") && !is_path("MS0101"));
    }

    #[test]
    fn every_type_is_found_by_its_path() {
        let all = listed();
        let mut shown: Vec<(String, &str)> = all.iter().map(|it| (normalized(&it.shown()), it.path.as_str())).collect();
        shown.sort();
        shown.dedup();
        let twice: Vec<_> = shown.windows(2).filter(|pair| pair[0].0 == pair[1].0).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}

//! Finds the files that match the patterns of `[policy]`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use meshsynth_model::problem::Problem;
use wildmatch::WildMatch;

use crate::settings::Pattern;

/// Returns the files of all patterns, sorted and without duplicates.
///
/// # Errors
///
/// If a pattern matches no file, because a missing policy would silently not be applied.
pub fn files(folder: &Path, patterns: &[Pattern]) -> Result<Vec<PathBuf>> {
    let mut all = BTreeSet::new();
    for pattern in patterns {
        let steps: Vec<&str> = pattern.text.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
        let begin = if pattern.text.starts_with('/') { Path::new("/") } else { folder };
        let mut found = Vec::new();
        walk(begin, &steps, &mut found);
        if found.is_empty() {
            return Err(Problem::setting(format!("no file matches `{}` of `[policy]`", pattern.text))
                .at(pattern.place.as_str())
                .help(
                    "paths are relative to the folder of `meshsynth.toml`; `*` matches a part of a name, `**` \
                     matches any folders",
                )
                .into());
        }
        all.extend(found);
    }
    Ok(all.into_iter().collect())
}

/// Collects the files below a folder that match the steps of a pattern.
fn walk(folder: &Path, steps: &[&str], found: &mut Vec<PathBuf>) {
    let Some((step, rest)) = steps.split_first() else { return };
    let mut enter = |path: PathBuf, rest: &[&str]| {
        if !rest.is_empty() {
            walk(&path, rest, found);
        } else if path.is_file() {
            found.push(path);
        }
    };
    if *step == "**" {
        enter(folder.to_owned(), rest);
        entries(folder).into_iter().filter(|path| path.is_dir()).for_each(|path| enter(path, steps));
    } else if step.contains(['*', '?']) {
        let fits = |path: &PathBuf| {
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| WildMatch::new(step).matches(name))
        };
        entries(folder).into_iter().filter(fits).for_each(|path| enter(path, rest));
    } else {
        enter(folder.join(step), rest);
    }
}

/// Returns the entries of a folder, without hidden ones.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let is_shown = |path: &PathBuf| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    all.filter(is_shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::temporary::Temporary;

    #[test]
    fn patterns_match_files_below_configuration() {
        let folder = Temporary::new().unwrap();
        for name in ["a.yaml", "b.yml", "more/c.yaml", "more/deep/d.yaml", ".hidden/e.yaml"] {
            let path = folder.0.join("policies").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let names = |text: &str| {
            let pattern = Pattern { text: text.to_owned(), place: "meshsynth.toml:2:10".to_owned() };
            let found = files(&folder.0, &[pattern])?;
            let name = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
            anyhow::Ok(found.iter().map(name).collect::<Vec<_>>().concat())
        };
        assert_eq!(names("policies/*.yaml").unwrap(), "a");
        assert_eq!(names("./policies/**/*.yaml").unwrap(), "acd");
        assert_eq!(names("policies/?.y*ml").unwrap(), "ab");
        assert_eq!(names("policies/more/c.yaml").unwrap(), "c");
        let error = names("policies/*.json").unwrap_err().downcast::<Problem>().unwrap();
        assert_eq!(error.place.as_deref(), Some("meshsynth.toml:2:10"));
    }
}

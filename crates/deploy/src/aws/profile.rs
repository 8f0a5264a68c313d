//! Explains missing credentials by the AWS variables and files. Reads only names, never values.

use std::path::{Path, PathBuf};
use std::{env, fs};

use meshsynth_model::problem::did_you_mean;

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Describes the error in the selected profile. Returns `None` if the profile exists or no profile is selected.
pub(super) fn missing() -> Option<String> {
    let name = env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty())?;
    let known = profiles(&files());
    if known.contains(&name) || is_set("AWS_ACCESS_KEY_ID") && is_set("AWS_SECRET_ACCESS_KEY") {
        return None;
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Some(format!(
        "`AWS_PROFILE` is `{name}`, but no AWS configuration file contains that profile; {}",
        did_you_mean(&name, &known)
    ))
}

/// Explains why no credentials were found.
pub(super) fn nothing() -> String {
    match (is_set("AWS_ACCESS_KEY_ID"), is_set("AWS_SECRET_ACCESS_KEY")) {
        (true, false) => return "`AWS_ACCESS_KEY_ID` is set without `AWS_SECRET_ACCESS_KEY`".to_owned(),
        (false, true) => return "`AWS_SECRET_ACCESS_KEY` is set without `AWS_ACCESS_KEY_ID`".to_owned(),
        _ => {}
    }
    let profiles = profiles(&files());
    match env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty()) {
        Some(name) => format!("the profile `{name}` has no credentials, or its session has expired"),
        None if profiles.is_empty() => "no credential variables are set, and no profile is configured".to_owned(),
        None if profiles.iter().any(|name| name == "default") => {
            "no credential variables are set, and the profile `default` has no credentials or its session has expired"
                .to_owned()
        }
        None => {
            format!(
                "no credential variables are set, and `AWS_PROFILE` does not select one of the profiles `{}`",
                profiles.join("`, `")
            )
        }
    }
}

/// Returns the files that define profiles.
fn files() -> [PathBuf; 2] {
    let file = |name: &str, default: &str| {
        env::var_os(name).map_or_else(|| env::home_dir().unwrap_or_default().join(".aws").join(default), PathBuf::from)
    };
    [file("AWS_CONFIG_FILE", "config"), file("AWS_SHARED_CREDENTIALS_FILE", "credentials")]
}

/// Returns the names of all profiles.
///
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>.
fn profiles(files: &[impl AsRef<Path>]) -> Vec<String> {
    let texts: Vec<String> = files.iter().map(|path| fs::read_to_string(path).unwrap_or_default()).collect();
    let heads = texts.iter().flat_map(|text| text.lines()).filter_map(|line| {
        let head = line.trim().strip_prefix('[')?.split(']').next()?.trim();
        match head.split_once(char::is_whitespace) {
            None => Some(head),
            Some(("profile", name)) => Some(name.trim()),
            // Ignores `sso-session` and `services` sections.
            Some(_) => None,
        }
    });
    let mut names: Vec<String> = heads.map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_profiles_from_both_files() {
        let folder = env::temp_dir().join(format!("meshsynth-profiles-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let files = ["config", "credentials", "nowhere"].map(|name| folder.join(name));
        fs::write(&files[0], "[profile staging]\nregion = x\n[sso-session s]\n[default]\n[services l]\n").unwrap();
        fs::write(&files[1], "# mine\n[default]\naws_access_key_id = [secret]\n[ci]\n").unwrap();
        assert_eq!(profiles(&files), ["ci", "default", "staging"]);
        fs::remove_dir_all(folder).unwrap();
    }
}

//! The assembly at a git revision, read into a folder that vanishes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result};

use crate::problem::Problem;

/// A folder of our own under the system's folder for temporary files.
pub struct Temporary(pub PathBuf);

impl Temporary {
    /// An empty one.
    pub fn new() -> Result<Self> {
        for attempt in 0..100 {
            let path = env::temp_dir().join(format!("meshsynth-diff-{}-{attempt}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| format!("cannot make `{}`", path.display())),
            }
        }
        anyhow::bail!("cannot make a folder in `{}`", env::temp_dir().display())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // The system removes what is left here.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Reads what is committed at a folder; answers where it is now, and the commit.
pub fn committed(revision: &str, folder: &Path) -> Result<(Temporary, String)> {
    let place = existing(folder);
    let commit =
        git(place, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])
            .map_err(|_| {
                Problem::setting(format!("`{revision}` is neither a folder nor a revision of this git repository"))
            .help("name the folder of an assembly, or a revision such as `origin/main`; a shallow clone may lack it")
            })?;
    let short: String = commit.chars().take(9).collect();
    let top = PathBuf::from(git(place, &["rev-parse", "--show-toplevel"])?);
    let full = place.canonicalize()?.join(folder.strip_prefix(place).unwrap_or(Path::new("")));
    let below = full.strip_prefix(&top).unwrap_or(folder).to_string_lossy().replace('\\', "/");
    let tree = git(place, &["rev-parse", "--verify", "--quiet", &format!("{commit}:{below}")]).map_err(|_| {
        Problem::setting(format!("`{revision}` ({short}) has no assembly at `{below}`")).help(
            "commit the output of `meshsynth synth`, or synthesize that revision in another work tree \
             (`git worktree add`) and name its folder with `--base`",
        )
    })?;
    let temporary = Temporary::new()?;
    let index = temporary.0.join("index");
    let out = temporary.0.join("tree");
    // An index of our own: neither the work tree nor its index is touched.
    run(Command::new("git").arg("-C").arg(place).env("GIT_INDEX_FILE", &index).args(["read-tree", &tree]))?;
    let prefix = format!("--prefix={}/", out.display());
    run(Command::new("git").arg("-C").arg(&top).env("GIT_INDEX_FILE", &index).args([
        "checkout-index",
        "--all",
        &prefix,
    ]))?;
    Ok((temporary, short))
}

/// The nearest folder that is there.
fn existing(folder: &Path) -> &Path {
    folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."))
}

fn git(place: &Path, args: &[&str]) -> Result<String> {
    run(Command::new("git").arg("-C").arg(place).args(args))
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| {
        Problem::setting(format!("cannot run git: {error}")).help("install git, or name a folder with `--base`")
    })?;
    if !output.status.success() {
        anyhow::bail!("git failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

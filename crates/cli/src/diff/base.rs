//! Reads the assembly at a git revision: the committed output, or else the output of the program at that revision.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result};
use meshsynth::diag::Severity;
use meshsynth_diff::Old;
use meshsynth_diff::side::{Side, unreadable};
use meshsynth_diff::texts::Texts;
use meshsynth_model::problem::Problem;

use crate::config::{Config, Target};
use crate::interrupt;
use crate::program::{self, Answer, Format};
use crate::shell::{Shell, count};
use meshsynth_check::temporary::Temporary;

/// A commit of the repository that contains a folder.
struct Revision<'a> {
    /// The revision as the user wrote it.
    name: &'a str,
    /// The full and the short commit hash.
    commit: String,
    short: String,
    /// The root of the work tree.
    top: PathBuf,
}

impl<'a> Revision<'a> {
    fn find(name: &'a str, folder: &Path) -> Result<Self> {
        let wanted = format!("{name}^{{commit}}");
        let commit = git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]).map_err(|_| {
            Problem::setting(format!("`{name}` is neither a folder nor a revision of this git repository")).help(
                "specify the folder of an assembly, or a revision such as `origin/main`; a shallow clone may not \
                 contain the revision",
            )
        })?;
        let short = commit.chars().take(9).collect();
        let top = PathBuf::from(git(folder, &["rev-parse", "--show-toplevel"])?);
        Ok(Self { name, commit, short, top })
    }

    /// Returns the path of a folder relative to the root of the work tree.
    fn inside(&self, folder: &Path) -> Result<String> {
        let there = existing(folder);
        let full = there.canonicalize()?.join(folder.strip_prefix(there).unwrap_or(Path::new("")));
        let top = self.top.canonicalize()?;
        Ok(full.strip_prefix(&top).unwrap_or(folder).to_string_lossy().replace('\\', "/"))
    }
}

/// A callback that reads the folder of the old side while it exists.
pub type Look<'l> = &'l mut dyn FnMut(&Path) -> Result<()>;

/// Returns the platform at a revision.
pub fn at(shell: &Shell, name: &str, config: &Config, target: Target<'_>, head: &Texts, look: Look<'_>) -> Result<Old> {
    let output = config.output.join(target.name());
    let revision = Revision::find(name, existing(&config.folder))?;
    let below = revision.inside(&output)?;
    let tree = git(&revision.top, &["rev-parse", "--verify", "--quiet", &format!("{}:{below}", revision.commit)]);
    match tree {
        Ok(tree) => committed(&revision, &tree, head, look).map(Old::Texts),
        Err(_) => built(shell, &revision, config, target, head, look),
    }
}

/// Whether the project is in a git repository with at least one commit.
pub fn has_head(config: &Config) -> bool {
    Revision::find("HEAD", existing(&config.folder)).is_ok()
}

/// Whether an output folder is committed in HEAD.
pub fn is_committed(output: &Path) -> bool {
    let below = |revision: Revision| -> Result<String> {
        let tree = format!("{}:{}", revision.commit, revision.inside(output)?);
        git(&revision.top, &["rev-parse", "--verify", "--quiet", &tree])
    };
    Revision::find("HEAD", existing(output)).and_then(below).is_ok()
}

/// A folder or a file of a revision, in a temporary folder.
pub struct Checkout {
    /// Its path in the temporary folder.
    pub place: PathBuf,
    /// Its label in reports.
    pub label: String,
    /// Its path relative to the root of the work tree.
    pub path: String,
    _temporary: Temporary,
}

/// Checks out `REVISION:PATH` into a temporary folder. As in git, a path that begins with `./` is relative to the
/// current folder. With `is_whole`, all files of the revision are checked out.
pub fn checkout(name: &str, here: &Path, is_whole: bool) -> Result<Checkout> {
    let (revision, _) = name.split_once(':').unwrap_or((name, ""));
    let revision = Revision::find(revision, here)?;
    let path = name.split_once(':').map_or("", |(_, path)| path);
    let path = match path.strip_prefix("./").or((path == ".").then_some("")) {
        Some(below) => revision.inside(&here.join(below))?,
        None => path.to_owned(),
    };
    let path = path.trim_end_matches('/').to_owned();
    let spec = format!("{}:{path}", revision.commit);
    let object =
        git(&revision.top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &spec]).map_err(|_| {
            Problem::setting(format!("`{path}` is not in `{}` ({})", revision.name, revision.short))
                .help("specify the path from the root of the repository, or start it with `./`")
        })?;
    let temporary = Temporary::new()?;
    let out = temporary.0.join("tree");
    let is_tree = git(&revision.top, &["cat-file", "-t", &object])? == "tree";
    let place = match (is_whole, is_tree) {
        (true, _) => {
            extract(&revision.top, &revision.commit, &temporary.0.join("index"), &out)?;
            out.join(&path)
        }
        (false, true) => {
            extract(&revision.top, &object, &temporary.0.join("index"), &out)?;
            out
        }
        (false, false) => {
            fs::create_dir(&out).with_context(|| format!("cannot create `{}`", out.display()))?;
            let place = out.join(Path::new(&path).file_name().unwrap_or_default());
            let file = fs::File::create(&place).with_context(|| format!("cannot write `{}`", place.display()))?;
            let mut command = Command::new("git");
            command.arg("-C").arg(&revision.top).args(["cat-file", "blob", &object]).stdout(file);
            anyhow::ensure!(command.status().is_ok_and(|it| it.success()), "git failed to read `{spec}`");
            place
        }
    };
    let label = format!("`{}:{path}` ({})", revision.name, revision.short);
    Ok(Checkout { place, label, path, _temporary: temporary })
}

/// Returns `HEAD:PATH` for a folder or a file, or `None` outside of a repository.
pub fn in_head(path: &Path) -> Option<String> {
    let revision = Revision::find("HEAD", existing(path)).ok()?;
    Some(format!("HEAD:{}", revision.inside(path).ok()?))
}

/// Returns the root of the work tree.
pub fn top(here: &Path) -> Result<PathBuf> {
    Ok(PathBuf::from(git(here, &["rev-parse", "--show-toplevel"])?))
}

/// Writes the files of a tree. It uses a separate index, and does not change the work tree or its index.
fn extract(top: &Path, tree: &str, index: &Path, out: &Path) -> Result<()> {
    let git = || {
        let mut command = Command::new("git");
        command.arg("-C").arg(top).env("GIT_INDEX_FILE", index);
        command
    };
    fs::create_dir_all(out).with_context(|| format!("cannot create `{}`", out.display()))?;
    run(git().args(["read-tree", tree]))?;
    run(git().args(["checkout-index", "--all", &format!("--prefix={}/", out.display())]))?;
    Ok(())
}

/// Reads the committed output folder.
fn committed(revision: &Revision, tree: &str, head: &Texts, look: Look<'_>) -> Result<Texts> {
    let temporary = Temporary::new()?;
    let out = temporary.0.join("tree");
    extract(&revision.top, tree, &temporary.0.join("index"), &out)?;
    let label = format!("`{}` ({}), as committed", revision.name, revision.short);
    let texts = Texts::read(&out, label.clone(), Some(head)).map_err(|error| unreadable(&label, &error))?;
    look(&out)?;
    Ok(texts)
}

/// A git worktree, which is removed on drop.
struct WorkTree {
    top: PathBuf,
    temporary: Temporary,
}

impl WorkTree {
    fn add(revision: &Revision) -> Result<Self> {
        let tree = Self { top: revision.top.clone(), temporary: Temporary::new()? };
        // The hooks of the user must not run in this worktree.
        let add = ["-c", "core.hooksPath=/dev/null", "worktree", "add", "--quiet", "--detach", "--force"];
        run(Command::new("git").arg("-C").arg(&tree.top).args(add).arg(tree.folder()).arg(&revision.commit))?;
        Ok(tree)
    }

    fn folder(&self) -> PathBuf {
        self.temporary.0.join("tree")
    }
}

impl Drop for WorkTree {
    fn drop(&mut self) {
        // `git worktree list` shows leftovers, and `git worktree prune` removes them.
        let remove = ["worktree", "remove", "--force"];
        let _ = run(Command::new("git").arg("-C").arg(&self.top).args(remove).arg(self.folder()));
    }
}

/// Runs the program of the revision, and reads its output.
fn built(
    shell: &Shell,
    revision: &Revision,
    config: &Config,
    target: Target<'_>,
    head: &Texts,
    look: Look<'_>,
) -> Result<Old> {
    let at = format!("`{}` ({})", revision.name, revision.short);
    let tree = WorkTree::add(revision)?;
    let folder = tree.folder().join(revision.inside(&config.folder)?);
    let Some(old) = Config::read_in(&folder)? else {
        let problem = format!("{at} has neither an output nor a `meshsynth.toml`");
        return Err(Problem::setting(problem).help("use `--base none` to compare with an empty platform").into());
    };
    let wanted = target.name();
    let targets = old.targets(&[], None)?;
    let Some(old_target) = targets.into_iter().find(|old| old.name() == wanted) else {
        let label = format!("{at}, which does not contain `{wanted}`");
        return Ok(Old::Side(Box::new(Side::empty(label, &wanted))));
    };
    shell.note(&format!("{at} has no output: building its program"));
    let out = tree.temporary.0.join("out");
    fs::create_dir(&out).with_context(|| format!("cannot create `{}`", out.display()))?;
    let failed = |why: String| {
        Problem::setting(format!("the program of `{wanted}` at {at} cannot be run: {why}")).help(
            "commit the output of `meshsynth synth`, or specify a folder with `--base`; the output of the program is \
             above",
        )
    };
    let cache = cache(&config.folder);
    match program::run_with(shell, old_target, &folder, program::Out::new(&out), Format::Json, Some(&cache)) {
        Ok(Answer::Assembly(_)) => {
            let label = format!("{at}, synthesized by its program");
            let texts = Texts::read(&out, label.clone(), Some(head)).map_err(|error| unreadable(&label, &error))?;
            look(&out)?;
            Ok(Old::Texts(texts))
        }
        Ok(Answer::Mistakes(diagnostics)) => {
            shell.diagnostics(&diagnostics);
            let n = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
            Err(failed(format!("the platform has {}", count(n, "error"))).into())
        }
        Err(error) => {
            interrupt::check()?;
            Err(failed(format!("{error:#}")).into())
        }
    }
}

/// Returns the target folder for old revisions. It is separate, so that the build of the work tree stays valid.
fn cache(folder: &Path) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| folder.join("target"), |target| folder.join(target));
    target.join("meshsynth-base")
}

/// Returns the nearest existing folder.
fn existing(folder: &Path) -> &Path {
    folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."))
}

fn git(place: &Path, args: &[&str]) -> Result<String> {
    run(Command::new("git").arg("-C").arg(place).args(args))
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| {
        Problem::setting(format!("cannot run git: {error}")).help("install git, or specify a folder with `--base`")
    })?;
    if !output.status.success() {
        anyhow::bail!("git failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

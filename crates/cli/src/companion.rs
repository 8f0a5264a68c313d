//! Finds the binary `meshsynth-deploy` beside this one or on PATH, and hands the command over to it.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, io};

use meshsynth_model::problem::Problem;

use crate::os;

/// The name of the binary without the executable suffix of the operating system.
const NAME: &str = "meshsynth-deploy";
const HELP: &str = "install it in the folder of `meshsynth`: each release contains both; with Cargo, run `cargo \
     install --locked --git https://github.com/meshsynth/meshsynth meshsynth-deploy-cli`";

/// Runs the command of this process in `meshsynth-deploy`, with its arguments, streams, signals and exit code.
///
/// Returns only on an error: the binary is missing, has another version, or cannot be started.
pub fn hand_over() -> anyhow::Error {
    let path = match find() {
        Ok(path) => path,
        Err(problem) => return problem.into(),
    };
    let mut command = Command::new(&path);
    command.args(env::args_os().skip(1));
    let error = os::replace(command);
    anyhow::Error::new(error).context(format!("cannot run `{}`", path.display()))
}

/// Finds the binary that has the version of this one.
fn find() -> Result<PathBuf, Problem> {
    let name = format!("{NAME}{}", env::consts::EXE_SUFFIX);
    let beside = env::current_exe().and_then(|path| path.canonicalize()).ok();
    let beside = beside.and_then(|path| Some(path.parent()?.to_owned()));
    let path = env::var_os("PATH").unwrap_or_default();
    // Relative folders are skipped: they would resolve in the current folder, which may belong to another user.
    let folders = beside.into_iter().chain(env::split_paths(&path).filter(|folder| folder.is_absolute()));
    for path in folders.map(|folder| folder.join(&name)) {
        match version(&path) {
            Ok(Some(found)) if found == env!("CARGO_PKG_VERSION") => return Ok(path),
            Ok(found) => {
                let found = found.map_or("of an unknown version".to_owned(), |found| format!("version {found}"));
                let ours = env!("CARGO_PKG_VERSION");
                let text = format!("`{}` is {found}, but this `meshsynth` is version {ours}", path.display());
                return Err(Problem::setting(text).help("install both from the same release"));
            }
            // The file is missing or not executable: try the next folder.
            Err(_) => {}
        }
    }
    Err(Problem::setting(format!("this command accesses AWS or clusters, and requires the program `{NAME}`"))
        .help(HELP))
}

/// Returns the version that a binary prints, such as `0.1.0`, or `None` if it fails.
fn version(path: &PathBuf) -> io::Result<Option<String>> {
    let output = Command::new(path).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.split_whitespace().nth(1).filter(|_| output.status.success()).map(str::to_owned))
}

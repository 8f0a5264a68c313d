//! Runs programs of an assembly: with few environment variables, a time limit, and a process group that ends with the
//! run.

use std::ffi::OsString;
use std::io::Read;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::stop::Stop;

/// The variables that a script receives. Credentials are not among them.
const KEPT: [&str; 18] = [
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "NO_PROXY",
    "PATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TEMP",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];
/// The interval between checks of the process.
const POLL: Duration = Duration::from_millis(50);

/// The end of a program.
pub(crate) enum Ended {
    /// The program ended.
    Done(Output),
    /// The time limit was reached, and the program was killed.
    Late,
    /// The run was interrupted, and the program was killed.
    Interrupted,
}

/// Returns a command with only the variables that it needs. `path` overrides the search path.
pub(crate) fn command(program: &str, path: Option<&OsString>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null());
    command.envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    if let Some(path) = path {
        command.env("PATH", path);
    }
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// Runs a command to its end. Kills its process group at the time limit, or if the run is interrupted.
pub(crate) async fn run(mut command: Command, limit: Duration, stop: &Stop) -> Result<Ended, String> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let begin = Instant::now();
    let output = read(&mut child);
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            // A background process can keep the pipes open.
            kill(&mut child);
            let (stdout, stderr) = output.join().unwrap_or_default();
            return Ok(Ended::Done(Output { status, stdout, stderr }));
        }
        let is_late = begin.elapsed() >= limit;
        if is_late || stop.is_interrupted() {
            kill(&mut child);
            let _ = child.wait();
            return Ok(if is_late { Ended::Late } else { Ended::Interrupted });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Reads both streams on other threads, so that a full pipe does not block the program.
fn read(child: &mut Child) -> std::thread::JoinHandle<(Vec<u8>, Vec<u8>)> {
    fn all(stream: Option<impl Read>) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some(stream) = stream {
            let _ = stream.take(MOST_OUTPUT).read_to_end(&mut out);
        }
        out
    }
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::spawn(move || {
        let errors = std::thread::spawn(move || all(stderr));
        (all(stdout), errors.join().unwrap_or_default())
    })
}

/// The maximum output that is read.
const MOST_OUTPUT: u64 = 1 << 20;

/// Kills a process and its children.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    {
        let group = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(group) = group {
            // The group may have ended.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
    let _ = child.kill();
}

/// Returns the failure of a program that was killed.
pub(crate) fn killed(ended: &Ended, what: &str, limit: Duration) -> Option<Failure> {
    match ended {
        Ended::Done(_) => None,
        Ended::Late => Some(Failure::new(
            format!("{what} did not end within {} s, and was killed", limit.as_secs()),
            "check why the services do not respond, then run the command again; later regions were not changed",
        )),
        Ended::Interrupted => Some(Failure::interrupted(format!("interrupted: the result of {what} is unknown"))),
    }
}

//! The `main` of a platform program.
//!
//! A platform program defines a platform with [`meshsynth`] and passes it to its
//! caller, usually `meshsynth synth`:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use meshsynth::{App, Env, Stack, aws};
//! use meshsynth_program::Program;
//!
//! struct Size {
//!     zones: usize,
//! }
//!
//! fn shop(app: &App, size: &Size) {
//!     let net = Stack::new(app, "network", Env::region("ap-northeast-1"));
//!     aws::Vpc::new(&net, "vpc", aws::VpcProps { zones: size.zones, ..Default::default() });
//! }
//!
//! fn main() -> ExitCode {
//!     Program::new("shop")
//!         .environment("staging", Size { zones: 2 })
//!         .environment("production", Size { zones: 3 })
//!         .run(shop)
//! }
//! ```
//!
//! The app is then named `shop-staging` or `shop-production`. The names of its
//! stacks also contain the environment, so one account can contain both
//! environments. [`run`] runs a platform without environments.
//!
//! # Protocol
//!
//! `meshsynth` calls the program with environment variables:
//!
//! | variable | meaning |
//! |---|---|
//! | `MESHSYNTH_OUT` | an empty folder for the assembly |
//! | `MESHSYNTH_REPLACED` | the folder of the assembly to replace; absent if there is none |
//! | `MESHSYNTH_ENV` | the environment to synthesize; absent for a platform without environments |
//! | `MESHSYNTH_FORMAT` | the format of the templates: `json` (default) or `yaml` |
//! | `MESHSYNTH_ALLOW` | exceptions of the configuration, one per line: code, construct, reason, last day, approver and location, separated by tabs |
//! | `MESHSYNTH_SEVERITY` | severities of rules, such as `ACME001=warning,MS0421=off`; absent if no severity is configured |
//!
//! The program returns files in that folder and an exit code:
//!
//! | code | meaning | files |
//! |---|---|---|
//! | 0 | synthesized | the assembly; or only an empty file `.unchanged` if `MESHSYNTH_REPLACED` contains the same files |
//! | 1 | the platform has mistakes | only `diagnostics.json` |
//! | 2 | invalid call, such as an unknown environment; stderr has the reason | none |
//! | 3 | the folder cannot be written; stderr has the reason | the files written before the error |
//! | 101 | a panic; stderr has its message | any |
//!
//! While the program runs, the folder contains an empty file `.started`. If this file remains, the program started and
//! then stopped early. The program writes nothing to stdout.
//!
//! If `MESHSYNTH_REPLACED` contains the same file, the program creates a hard link to it. If the file system has no
//! hard links, it writes a copy.
//!
//! Without `MESHSYNTH_OUT`, the program runs by hand. It synthesizes the
//! requested environment, or all of them, prints the diagnostics to
//! stderr and writes no files.

mod call;
mod replaced;
mod stop;
mod write;
mod written;

use std::path::Path;
use std::process::ExitCode;

use meshsynth::{App, Assembly, Failure, diag};

use call::Call;
use stop::{Stop, say};

pub use written::assert_written;

/// A platform program: the name of its app and the environments it is deployed to.
///
/// `P` is the type of the values that differ between environments: sizes, accounts, domains.
pub struct Program<P> {
    name: String,
    environments: Vec<(String, P)>,
}

impl<P> Program<P> {
    /// Creates a program whose apps are named `<name>-<environment>`.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), environments: Vec::new() }
    }

    /// Adds an environment with its parameters.
    #[must_use]
    pub fn environment(mut self, name: &str, params: P) -> Self {
        self.environments.push((name.to_owned(), params));
        self
    }

    /// Synthesizes the platform that `define` defines for the requested environment.
    ///
    /// Return the result from `main`.
    #[track_caller]
    pub fn run(self, define: impl Fn(&App, &P)) -> ExitCode {
        let call = match Call::from_environment() {
            Ok(call) => call,
            Err(stop) => return stop.tell(),
        };
        let names: Vec<&str> = self.environments.iter().map(|(name, _)| name.as_str()).collect();
        let chosen = match call.choose(&self.name, &names) {
            Ok(chosen) => chosen,
            Err(stop) => return stop.tell(),
        };
        let mut code = ExitCode::SUCCESS;
        for idx in chosen {
            let (environment, params) = &self.environments[idx];
            let app = App::new(&format!("{}-{environment}", self.name));
            if let Err(failed) = answer(&call, app, &self.name, |app| define(app, params)) {
                code = failed;
            }
        }
        code
    }
}

/// Synthesizes the platform that `define` defines, without environments.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     meshsynth_program::run("shop", |app| {
///         meshsynth::Stack::new(app, "network", meshsynth::Env::region("ap-northeast-1"));
///     })
/// }
/// ```
#[track_caller]
pub fn run(name: &str, define: impl FnOnce(&App)) -> ExitCode {
    let app = App::new(name);
    let call = match Call::from_environment().and_then(|call| call.choose_none(name)) {
        Ok(call) => call,
        Err(stop) => return stop.tell(),
    };
    answer(&call, app, name, define).err().unwrap_or(ExitCode::SUCCESS)
}

fn answer(call: &Call, app: App, program: &str, define: impl FnOnce(&App)) -> Result<(), ExitCode> {
    let result = match &call.out {
        Some(folder) => into_folder(call, folder, app, define),
        None => Ok(by_hand(call, app, program, define)),
    };
    match result {
        Ok(true) => Ok(()),
        Ok(false) => Err(ExitCode::from(1)),
        Err(stop) => Err(stop.tell()),
    }
}

/// Writes the assembly or its diagnostics to the folder. Returns whether synthesis succeeded.
fn into_folder(call: &Call, folder: &Path, app: App, define: impl FnOnce(&App)) -> Result<bool, Stop> {
    write::start(folder)?;
    let result = synth(call, app, define);
    match &result {
        Ok(assembly) => write::all(folder, &assembly.files, call.replaced.as_deref())?,
        Err(failure) => write::one(&folder.join("diagnostics.json"), &failure.to_file())?,
    }
    write::finish(folder)?;
    Ok(result.is_ok())
}

/// Prints the diagnostics and the command that writes the output. Returns whether synthesis succeeded.
fn by_hand(call: &Call, app: App, program: &str, define: impl FnOnce(&App)) -> bool {
    let name = app.name().to_owned();
    let result = synth(call, app, define);
    match &result {
        Ok(Assembly { files, warnings, .. }) => {
            say(diag::render(warnings));
            say(format_args!("{name}: {} files, {} warnings\n", files.len(), warnings.len()));
            say(format_args!("no files are written when the program runs directly; use `meshsynth synth {program}`\n"));
        }
        Err(Failure { diagnostics, .. }) => {
            say(diag::render(diagnostics));
            say(format_args!("{name}: {} diagnostics\n", diagnostics.len()));
        }
    }
    result.is_ok()
}

fn synth(call: &Call, app: App, define: impl FnOnce(&App)) -> Result<Assembly, Failure> {
    define(&app);
    call.configure(&app);
    app.synth_last(call.format)
}

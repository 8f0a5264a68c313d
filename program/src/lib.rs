//! The `main` of a platform program.
//!
//! A platform program defines a platform with [`meshsynth`] and hands it to
//! whoever started it, as a rule `meshsynth synth`:
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
//! The app is then named `shop-staging` or `shop-production`, and so is each of
//! its stacks: both environments fit into one account. A platform that has no
//! environments is run by [`run`].
//!
//! # Protocol
//!
//! `meshsynth` tells the program what it wants in the environment:
//!
//! | variable | meaning |
//! |---|---|
//! | `MESHSYNTH_OUT` | an empty folder for the assembly |
//! | `MESHSYNTH_REPLACED` | the folder of the assembly that this one replaces; absent where there is none |
//! | `MESHSYNTH_ENV` | the environment to synthesize; absent for a platform without environments |
//! | `MESHSYNTH_FORMAT` | `json` (default) or `yaml`: how templates are written |
//! | `MESHSYNTH_ALLOW` | exceptions of the configuration: a line for each, with tabs between code, what, reason, last day, who and place |
//! | `MESHSYNTH_SEVERITY` | how bad findings are, such as `ACME001=warning,MS0421=off`; absent where each is as its rule says |
//!
//! The program answers with files in that folder and its exit code:
//!
//! | code | meaning | files |
//! |---|---|---|
//! | 0 | synthesized | the assembly; or an empty file `.unchanged` alone, where every file of it is in `MESHSYNTH_REPLACED` |
//! | 1 | the platform has mistakes | `diagnostics.json` alone |
//! | 2 | called wrongly, such as an unknown environment; stderr says how | none |
//! | 3 | the folder cannot be written; stderr says why | what was written until then |
//! | 101 | a panic, whose text is on stderr | as it happens |
//!
//! While the program runs, an empty file `.started` is in the folder: if it is
//! left behind, the program was built and started, and then cut short. Stdout
//! stays empty.
//!
//! A file that is the same in `MESHSYNTH_REPLACED` is a hard link to it, where the file system has such links.
//!
//! Without `MESHSYNTH_OUT` the program is run by hand: it synthesizes the
//! environment that is asked for, or all of them, shows the diagnostics on
//! stderr and writes nothing.

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
/// `P` is what differs between the environments: sizes, accounts, domains.
pub struct Program<P> {
    name: String,
    environments: Vec<(String, P)>,
}

impl<P> Program<P> {
    /// A program whose apps are named `<name>-<environment>`.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), environments: Vec::new() }
    }

    /// Adds an environment, and what is particular to it.
    #[must_use]
    pub fn environment(mut self, name: &str, params: P) -> Self {
        self.environments.push((name.to_owned(), params));
        self
    }

    /// Synthesizes what `define` defines for the environment that is asked for.
    ///
    /// To be returned from `main`.
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

/// Synthesizes what `define` defines: a platform that has no environments.
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

/// Writes the assembly, or what is wrong with it; whether nothing is.
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

/// Shows what is wrong with the platform, and how to have it written; whether nothing is.
fn by_hand(call: &Call, app: App, program: &str, define: impl FnOnce(&App)) -> bool {
    let name = app.name().to_owned();
    let result = synth(call, app, define);
    match &result {
        Ok(Assembly { files, warnings, .. }) => {
            say(diag::render(warnings));
            say(format_args!("{name}: {} files, {} warnings\n", files.len(), warnings.len()));
            say(format_args!("nothing is written by hand; `meshsynth synth {program}` writes them\n"));
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

//! The programs that `cargo xtask bench` measures.
//!
//! | subcommand | what it does |
//! |---|---|
//! | `compile N` | compiles a platform of N services |
//! | `synth N OUT` | compiles a platform of N services and writes it |
//! | `program N` | is the program of that platform, as `meshsynth synth` runs it |
//! | `change N OUT` | changes one service in a hundred of a written platform |
//! | `rules N BUILT_IN ADDED` | runs the built-in rules BUILT_IN times and 100 more rules ADDED times over N services |
//! | `check N` | checks the manifests of N services in memory |
//! | `manifests N OUT` | writes five objects for each of N services |
//! | `map N OUT` | writes a ConfigMap with N keys |
//! | `definition KILOBYTES OUT` | writes a CustomResourceDefinition of this size |
//! | `template N OUT` | writes a CloudFormation template with N resources |
//! | `objects N OUT [changed]` | writes a folder of N objects; `changed` writes the folder after a large change |
//! | `resources N OUT [changed]` | writes a folder of templates with N resources, or the folder after a large change |
//! | `pack OUT PACK` | packs a folder into one file |
//! | `floor PACK OUT` | only writes the files of a pack: the lower limit of `synth` |
//!
//! `bin/bench-counted.rs` is the same program with an allocator that counts ([`counting`]). `bin/meshsynth-counted.rs`
//! is the command `meshsynth` with this allocator.

mod change;
pub mod counting;
mod files;
mod manifests;
mod objects;
mod pack;
mod resources;
mod rules;
mod services;
mod template;
mod write;

use std::path::Path;
use std::process::ExitCode;

/// Runs the subcommand of the command line.
pub fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["synth", n, out] => match n.parse() {
            Ok(n_services) => write::assembly(&services::compile(n_services), Path::new(out)),
            Err(_) => return usage(),
        },
        ["compile", n] => match n.parse() {
            Ok(n_services) => {
                std::hint::black_box(services::compile(n_services));
                Ok(())
            }
            Err(_) => return usage(),
        },
        ["program", n] => match n.parse() {
            Ok(n_services) => return meshsynth_program::run("bench", |app| services::define(app, n_services)),
            Err(_) => return usage(),
        },
        ["rules", n, built_in, added] => match (n.parse(), built_in.parse(), added.parse()) {
            (Ok(n_services), Ok(built_in), Ok(added)) => {
                let app = meshsynth::App::new("bench");
                services::define(&app, n_services);
                app.rules(rules::rules());
                match app.repeat_rules(built_in, added) {
                    0 => Ok(()),
                    n_found => Err(std::io::Error::other(format!("{n_found} diagnostics about what is right"))),
                }
            }
            _ => return usage(),
        },
        ["check", n] => match n.parse() {
            Ok(n_services) => match manifests::judge(n_services) {
                0 => Ok(()),
                n_found => Err(std::io::Error::other(format!("{n_found} diagnostics about what is right"))),
            },
            Err(_) => return usage(),
        },
        ["change", n, out] => match n.parse() {
            Ok(n_services) => change::change(Path::new(out), n_services).map(drop),
            Err(_) => return usage(),
        },
        ["manifests", n, out] => match n.parse() {
            Ok(n_services) => files::manifests(n_services, Path::new(out)),
            Err(_) => return usage(),
        },
        ["map", n, out] => match n.parse() {
            Ok(n_keys) => files::map(n_keys, Path::new(out)),
            Err(_) => return usage(),
        },
        ["template", n, out] => match n.parse() {
            Ok(n_resources) => template::template(n_resources, Path::new(out)),
            Err(_) => return usage(),
        },
        ["definition", kilobytes, out] => match kilobytes.parse() {
            Ok(kilobytes) => files::definition(kilobytes, Path::new(out)),
            Err(_) => return usage(),
        },
        ["objects", n, out, variant @ ..] => match (n.parse(), is_changed(variant)) {
            (Ok(n_objects), Some(is_changed)) => objects::write(n_objects, is_changed, Path::new(out)),
            _ => return usage(),
        },
        ["resources", n, out, variant @ ..] => match (n.parse(), is_changed(variant)) {
            (Ok(n_resources), Some(is_changed)) => resources::write(n_resources, is_changed, Path::new(out)),
            _ => return usage(),
        },
        ["pack", out, pack] => pack::make(Path::new(out), Path::new(pack)),
        ["floor", pack, out] => pack::unpack(Path::new(pack), Path::new(out)),
        _ => return usage(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Whether the changed variant of a folder is requested.
fn is_changed(variant: &[&str]) -> Option<bool> {
    match variant {
        [] => Some(false),
        ["changed"] => Some(true),
        _ => None,
    }
}

fn usage() -> ExitCode {
    say("usage: meshsynth-bench compile N | synth N OUT | program N | change N OUT | rules N BUILT_IN ADDED | check N");
    say("       meshsynth-bench manifests N OUT | map N OUT | definition KILOBYTES OUT | template N OUT");
    say("       meshsynth-bench objects N OUT [changed] | resources N OUT [changed] | pack OUT PACK | floor PACK OUT");
    ExitCode::from(2)
}

#[allow(clippy::print_stderr)]
fn say(text: &str) {
    eprintln!("{text}");
}

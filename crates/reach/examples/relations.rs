//! Measures the relation check of an assembly: reading, preparing, querying.
//!
//! `cargo run --release --package meshsynth-reach --example relations -- FOLDER`.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use meshsynth_reach::world::{Files, UNASKED};
use meshsynth_reach::{Engine, World, relations};

fn main() -> Result<()> {
    let mut out = std::io::stdout();
    for folder in std::env::args().skip(1) {
        let start = Instant::now();
        let files = Files::read_but(Path::new(&folder), &UNASKED)?;
        writeln!(out, "{folder}: read: {:?}, {} files", start.elapsed(), files.documents.len())?;
        let start = Instant::now();
        let world = World::new(files);
        let engine = Engine::new(&world);
        writeln!(out, "world and engine: {:?}, {} workloads", start.elapsed(), world.workloads.len())?;
        let start = Instant::now();
        let found = relations::broken(&engine).len();
        writeln!(out, "denied relations: {:?}, {found} of {}", start.elapsed(), world.edges.len())?;
        let start = Instant::now();
        let found = relations::undeclared(&engine).len();
        writeln!(out, "undeclared paths into stores: {:?}, {found}", start.elapsed())?;
        let start = Instant::now();
        let found = relations::open(&engine).len();
        writeln!(out, "undeclared paths into workloads: {:?}, {found}", start.elapsed())?;
    }
    Ok(())
}

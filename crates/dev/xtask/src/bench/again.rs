//! Measures `meshsynth synth` including the user's program: a first run, and a second run without changes.

use std::fs;

use anyhow::{Context, Result};

use super::measure::{Binaries, Cost, N_RUNS, command, measure, median, ms};

const SIZES: [usize; 3] = [6, 200, 1000];

/// Measures every size and prints a table.
pub fn run(binaries: &Binaries) -> Result<()> {
    println!("| services | first `meshsynth synth`, ms | second run, ms | compile only, ms | second run / compile |");
    println!("|---|---|---|---|---|");
    for n in SIZES {
        let folder = binaries.folder.join("again");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).with_context(|| format!("making `{}`", folder.display()))?;
        let n_text = n.to_string();
        let bench = binaries.bench.to_str().context("the path of the binary is not UTF-8")?;
        let config = format!("[apps.bench]\nrun = [{bench:?}, \"program\", \"{n}\"]\n");
        fs::write(folder.join("meshsynth.toml"), config).context("cannot write the configuration")?;
        let mut synth = command(&binaries.meshsynth, &["synth", "--quiet"], &[]);
        synth.current_dir(&folder);
        let compile = command(&binaries.bench, &["compile", &n_text], &[]);
        let (mut firsts, mut agains, mut compiles): (Vec<Cost>, Vec<Cost>, Vec<Cost>) = Default::default();
        for _ in 0..N_RUNS {
            let _ = fs::remove_dir_all(folder.join("synth.out"));
            firsts.push(measure(&synth)?);
            agains.push(measure(&synth)?);
            compiles.push(measure(&compile)?);
        }
        let (first, again, compile) = (median(&firsts), median(&agains), median(&compiles));
        println!(
            "| {n} | {:.1} | {:.1} | {:.1} | {:.2} |",
            ms(first),
            ms(again),
            ms(compile),
            again.as_secs_f64() / compile.as_secs_f64(),
        );
    }
    Ok(())
}

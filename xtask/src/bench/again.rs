//! `meshsynth synth` as a whole: the first time, and once more with nothing changed.

use std::fs;

use anyhow::{Context, Result};

use super::measure::{Binaries, Cost, N_RUNS, command, measure, median, ms};

const SIZES: [usize; 3] = [6, 200, 1000];

/// Measures every size and prints a table.
pub fn run(binaries: &Binaries) -> Result<()> {
    println!("| services | first `meshsynth synth`, ms | again, ms | compile alone, ms | again / compile |");
    println!("|---|---|---|---|---|");
    for n in SIZES {
        let folder = binaries.folder.join("again");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).with_context(|| format!("making `{}`", folder.display()))?;
        let n_text = n.to_string();
        let bench = binaries.bench.to_str().context("the path of the binary is text")?;
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

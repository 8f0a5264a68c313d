//! Measures a hundred custom rules, in comparison with the built-in rules on the same platform.

use anyhow::Result;

use super::measure::{Binaries, Cost, N_RUNS, command, measure, median, ms};

const SIZES: [usize; 2] = [200, 1000];

/// The number of times that the rules run in one process. The cost of the rules is the difference to a process in which
/// they run once.
const N_TIMES: u32 = 11;

/// Measures every size and prints a table.
pub fn run(binaries: &Binaries) -> Result<()> {
    println!("| services | built-in rules, ms | 100 custom rules, ms | ratio |");
    println!("|---|---|---|---|");
    for n in SIZES {
        let [mut once, mut built_in, mut added]: [Vec<Cost>; 3] = Default::default();
        let times = N_TIMES.to_string();
        for _ in 0..N_RUNS {
            let run = |built_in: &str, added: &str| {
                measure(&command(&binaries.bench, &["rules", &n.to_string(), built_in, added], &[]))
            };
            once.push(run("1", "1")?);
            built_in.push(run(&times, "1")?);
            added.push(run("1", &times)?);
        }
        let each = |all: &[Cost]| median(all).saturating_sub(median(&once)) / (N_TIMES - 1);
        let (built_in, added) = (each(&built_in), each(&added));
        println!(
            "| {n} | {:.1} | {:.1} | {:.2} |",
            ms(built_in),
            ms(added),
            added.as_secs_f64() / built_in.as_secs_f64()
        );
    }
    Ok(())
}

//! Compares the results of the engine with the expectations of other tools, in a checkout of their tests.
//! Usage: `cargo run --package meshsynth-reach --example corpus -- netpol <checkout of np-guard/netpol-analyzer>`. The
//! other corpora are `vpc <checkout of np-guard/vpc-network-config-analyzer>` and `nca <checkout of
//! IBM/network-config-analyzer>`.

mod describe;
mod nca;
mod netpol;
mod report;
mod rules;
mod scheme;
mod vpc;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (kind, folder) = (arguments.next().unwrap_or_default(), arguments.next().unwrap_or_default());
    let filter = arguments.next().unwrap_or_default();
    let folder = PathBuf::from(folder);
    let report = match kind.as_str() {
        "netpol" => netpol::run(&folder, &filter)?,
        "vpc" => vpc::run(&folder, &filter)?,
        "nca" => nca::run(&folder, &filter)?,
        _ => bail!("usage: corpus netpol|vpc|nca <checkout> [<case>]"),
    };
    write!(std::io::stdout(), "{report}")?;
    Ok(())
}

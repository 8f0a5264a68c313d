//! An invalid constant CIDR block.

use meshsynth::Cidr;

const NETWORK: Cidr = Cidr::new("10.20.0.1/16");

fn main() {
    println!("{NETWORK}");
}

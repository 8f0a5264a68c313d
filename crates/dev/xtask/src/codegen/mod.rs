//! Generates typed Rust code from facts.

mod case;
mod cfn;
mod index;
mod kube;
mod out;

use std::path::Path;

use anyhow::Result;

pub use out::Out;

/// Generates all files. With `check`, reports the changes instead.
pub fn run(root: &Path, check: bool) -> Result<()> {
    let out = generate(root)?;
    match check {
        true => out.check(root),
        false => out.write(root),
    }
}

/// Returns all files that are generated from `crates/facts/schema/`.
fn generate(root: &Path) -> Result<Out> {
    let mut out = Out::default();
    cfn::generate(root, &mut out)?;
    kube::generate(root, &mut out)?;
    index::generate(&mut out);
    Ok(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_files_are_up_to_date() {
        let root = crate::root();
        super::generate(&root).and_then(|out| out.check(&root)).unwrap();
    }
}

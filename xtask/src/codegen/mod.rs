//! Facts in, typed Rust out.

mod case;
mod cfn;
mod index;
mod kube;
mod out;

use std::path::Path;

use anyhow::Result;

pub use out::Out;

/// Generates everything, or says what would change.
pub fn run(root: &Path, check: bool) -> Result<()> {
    let out = generate(root)?;
    match check {
        true => out.check(root),
        false => out.write(root),
    }
}

/// Everything that is generated from `types/schema/`.
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
    fn the_tree_holds_what_the_generator_writes() {
        let root = crate::root();
        super::generate(&root).and_then(|out| out.check(&root)).unwrap();
    }
}

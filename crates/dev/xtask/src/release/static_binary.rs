//! Binaries without system libraries.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{answer, call, cargo, in_path};

/// Builds both binaries of the command for Linux with static linking, and returns their folder. Uses musl, like a
/// release, if its target and `musl-gcc` are installed. Otherwise, uses glibc.
///
/// Without `is_optimized`, it is a debug build. The build names its target, so it has a separate folder below
/// `target` and does not affect other builds.
pub fn build(root: &Path, target: &Path, is_optimized: bool) -> Result<PathBuf> {
    if !cfg!(target_os = "linux") {
        bail!("only binaries for Linux are static: run this on Linux");
    }
    let arch = std::env::consts::ARCH;
    let musl = format!("{arch}-unknown-linux-musl");
    let query = ["--print", "target-libdir", "--target", &musl];
    let libraries = answer(Command::new("rustc").current_dir(root).args(query))?;
    // `ring` and the allocator contain C code, which needs the headers of musl.
    let has_compiler = ["musl-gcc", &format!("{arch}-linux-musl-gcc")].iter().any(|name| in_path(name).is_some());
    let has_musl = has_compiler && Path::new(&libraries).is_dir();
    let triple = if has_musl { musl } else { format!("{arch}-unknown-linux-gnu") };
    let mut build = cargo(root, &["build", "--quiet", "--locked", "--target", &triple]);
    build.args(["--package", "meshsynth-cli", "--package", "meshsynth-deploy-cli"]).env("MESHSYNTH_RELEASE", "1");
    if is_optimized {
        build.arg("--release");
    } else {
        build.env("CARGO_PROFILE_DEV_DEBUG", "0");
    }
    if !has_musl {
        build.env(
            format!("CARGO_TARGET_{}_RUSTFLAGS", triple.replace('-', "_").to_uppercase()),
            "-Ctarget-feature=+crt-static",
        );
    }
    call(&mut build)?;
    let folder = target.join(&triple).join(if is_optimized { "release" } else { "debug" });
    for name in ["meshsynth", "meshsynth-deploy"] {
        let binary = folder.join(name);
        let bytes = fs::read(&binary).with_context(|| format!("reading `{}`", binary.display()))?;
        if !is_static(&bytes)? {
            bail!("`{}` is linked dynamically", binary.display());
        }
        println!("static: {name}, {} bytes for {triple}", bytes.len());
    }
    Ok(folder)
}

/// Whether a program starts without a dynamic linker: a 64-bit little-endian ELF file without the segment `PT_INTERP`.
///
/// Source: <https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html>.
fn is_static(bytes: &[u8]) -> Result<bool> {
    const PT_INTERP: [u8; 4] = 3u32.to_le_bytes();
    if bytes.get(..6) != Some(&[0x7f, b'E', b'L', b'F', 2, 1]) {
        bail!("the file is not a 64-bit ELF file");
    }
    let number = |at: usize, n_bytes: usize| {
        let bytes = bytes.get(at..at + n_bytes)?;
        Some(bytes.iter().rev().fold(0usize, |number, byte| number << 8 | usize::from(*byte)))
    };
    let (Some(start), Some(size), Some(count)) = (number(0x20, 8), number(0x36, 2), number(0x38, 2)) else {
        bail!("the file ends within its header")
    };
    let kind = |at: usize| bytes.get(at..at + 4).with_context(|| format!("the file has no segment at {at}"));
    for segment in 0..count {
        if kind(start + segment * size)? == PT_INTERP {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns an ELF file with segments of these types.
    fn elf(kinds: &[u32]) -> Vec<u8> {
        let mut bytes = vec![0; 64];
        bytes[..6].copy_from_slice(&[0x7f, b'E', b'L', b'F', 2, 1]);
        bytes[0x20] = 64;
        bytes[0x36] = 56;
        bytes[0x38] = kinds.len() as u8;
        for kind in kinds {
            bytes.extend(kind.to_le_bytes());
            bytes.extend([0; 52]);
        }
        bytes
    }

    #[test]
    fn a_program_with_an_interpreter_is_not_static() {
        assert!(is_static(&elf(&[1, 2, 6])).unwrap());
        assert!(!is_static(&elf(&[6, 3, 1])).unwrap());
        assert!(is_static(b"#!/bin/sh").is_err());
        assert!(is_static(&elf(&[1])[..70]).is_ok() && is_static(&elf(&[1])[..66]).is_err());
    }
}

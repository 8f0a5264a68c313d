//! The root file system of the container image: only both binaries of the command, and certificates.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};

use super::{answer, in_path};

/// The path of the certificates in the image, which the command reads by default.
const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";
const FOLDER: &str = "usr/bin";
/// The main binary, and the binary for commands that access AWS and clusters.
const BINARIES: [&str; 2] = ["meshsynth", "meshsynth-deploy"];
/// The unprivileged user of the image, as in other images without an operating system.
const USER: &str = "65532:65532";
/// A manifest with one mistake, `MS0419`.
const MISTAKE: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: webb } }
    spec: { containers: [{ name: web, image: 'registry.example/web:1.0.0' }] }
";

/// Writes the files of the image to a folder, with their modes.
pub fn assemble(binaries: &Path, certificates: &Path, root: &Path) -> Result<()> {
    if root.exists() {
        fs::remove_dir_all(root).with_context(|| format!("emptying `{}`", root.display()))?;
    }
    let mut copies = vec![(certificates.to_owned(), root.join(CERTIFICATES), 0o644)];
    copies.extend(BINARIES.map(|name| (binaries.join(name), root.join(FOLDER).join(name), 0o755)));
    for (from, to, mode) in copies {
        fs::create_dir_all(to.parent().context("it is in a folder")?)?;
        fs::copy(&from, &to).with_context(|| format!("copying `{}`", from.display()))?;
        set_mode(&to, mode)?;
    }
    // Any user may write here, because `docker run --user` sets the owner of files in the mounted folder.
    for (folder, mode) in [("tmp", 0o1777), ("work", 0o755)] {
        let folder = root.join(folder);
        fs::create_dir(&folder)?;
        set_mode(&folder, mode)?;
    }
    Ok(())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).with_context(|| format!("`{}`", path.display()))
}

/// Other systems have no file modes, and do not build images.
#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> Result<()> {
    Ok(())
}

/// Runs the binaries of a folder in the root file system of the image.
pub fn check(binaries: &Path, root: &Path) -> Result<()> {
    let certificates = root.with_extension("crt");
    fs::write(&certificates, "")?;
    assemble(binaries, &certificates, root)?;
    let manifests = root.join("work/k8s");
    fs::create_dir(&manifests)?;
    fs::write(manifests.join("web.yaml"), MISTAKE.replace("webb", "web"))?;
    // A container engine mounts `/dev`. Creating a device needs privileges, and an empty file is sufficient here.
    fs::create_dir(root.join("dev"))?;
    fs::write(root.join("dev/null"), "")?;
    set_mode(&root.join("dev/null"), 0o666)?;
    let version = format!("meshsynth {}", env!("CARGO_PKG_VERSION"));
    let cases: [(&[&str], i32, &str); 6] = [
        (&["--version"], 0, &version),
        (&["synth"], 2, "found no `meshsynth.toml`"),
        (&["check", "work/k8s"], 0, "1 object in 1 file"),
        (&["explain", "MS0419"], 0, "MS0419"),
        (&["bootstrap", "--print-policy"], 0, "cloudformation:"),
        (&["deploy"], 2, "found no `meshsynth.toml`"),
    ];
    let mut failed = Vec::new();
    for (args, code, words) in cases {
        failed.extend(finding(root, args, code, words)?);
    }
    fs::write(manifests.join("web.yaml"), MISTAKE)?;
    failed.extend(finding(root, &["check", "work/k8s"], 1, "MS0419")?);
    for finding in &failed {
        println!("{finding}");
    }
    println!("judged: {} passed, {} failed", cases.len() + 1 - failed.len(), failed.len());
    if !failed.is_empty() {
        bail!("the static binary does not run in an empty root");
    }
    fs::remove_dir_all(root).context("cannot clean up")
}

/// Returns the problem with the exit code or the output of the command.
fn finding(root: &Path, args: &[&str], code: i32, words: &str) -> Result<Option<String>> {
    let output = run(root, args)?;
    let text = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
    let is_fine = output.status.code() == Some(code) && text.contains(words);
    Ok((!is_fine).then(|| format!("`meshsynth {}` in an empty root: {}\n{text}", args.join(" "), output.status)))
}

/// The default `PATH` of a container engine (`DefaultPathEnv` of Docker), which is the only environment variable.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Runs the command with the folder as its root file system, like a container engine, but without `/proc`.
fn run(root: &Path, args: &[&str]) -> Result<Output> {
    let program = |name: &str| in_path(name).with_context(|| format!("`{name}` is needed"));
    let is_root = answer(Command::new("id").arg("-u"))? == "0";
    let mut command = Command::new(program(if is_root { "chroot" } else { "unshare" })?);
    if is_root {
        command.arg(format!("--userspec={USER}"));
    } else {
        // In its own user namespace, an unprivileged user may change the root directory.
        command.arg("--map-root-user").arg(program("chroot")?);
    }
    command.arg(root).arg(Path::new("/").join(FOLDER).join(BINARIES[0])).args(args).env_clear().env("PATH", PATH);
    command.output().with_context(|| format!("cannot start {command:?}"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_image_is_made_of_the_root_that_is_tested() {
        let text = include_str!("../../../../../dist/Dockerfile");
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        assert_eq!(lines[0], "FROM scratch");
        assert!(lines.contains(&format!("USER {USER}").as_str()), "{text}");
        assert!(lines.contains(&format!("ENTRYPOINT [\"/{FOLDER}/{}\"]", BINARIES[0]).as_str()), "{text}");
        assert!(!text.contains("\nRUN ") && !text.contains("\nADD "), "{text}");
    }

    #[test]
    fn the_root_contains_the_binaries_and_two_folders() {
        let folder = std::env::temp_dir().join(format!("meshsynth-image-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (certificates, root) = (folder.join("certificates"), folder.join("root"));
        for name in BINARIES {
            fs::write(folder.join(name), name).unwrap();
        }
        fs::write(&certificates, "certificates").unwrap();
        assemble(&folder, &certificates, &root).unwrap();
        // Assemble the image again in the same folder.
        assemble(&folder, &certificates, &root).unwrap();
        let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(
            [mode("usr/bin/meshsynth-deploy"), mode(CERTIFICATES), mode("tmp"), mode("work")],
            [0o755, 0o644, 0o1777, 0o755]
        );
        assert_eq!(fs::read_to_string(root.join(CERTIFICATES)).unwrap(), "certificates");
        fs::remove_dir_all(folder).unwrap();
    }
}

//! A project in a separate folder, and the output of the binary for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Writes the platform `shop` like `meshsynth-program`.
pub const GOOD: &str = r#"cp -R "$FIXTURES/shop/." "$MESHSYNTH_OUT""#;

/// Writes the existing output again, so that an edited output is equal to the output of the program.
pub const WRITTEN: &str = r#"cp -R synth.out/shop/. "$MESHSYNTH_OUT""#;

/// Paths, and the content of files.
type Files = BTreeMap<PathBuf, Option<String>>;

/// A project with the app `shop`, whose program is a shell script.
pub struct Project {
    pub root: PathBuf,
}

impl Project {
    /// Creates a project without an output.
    pub fn new(case: &str, script: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(case);
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        let project = Self { root };
        project.write("meshsynth.toml", "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n");
        project.write("shop.sh", script);
        project
    }

    /// Creates a project with a successful output, and then replaces its program by `script`.
    pub fn after_success(case: &str, script: &str) -> Self {
        let project = Self::new(case, GOOD);
        assert!(project.command(&["synth", "--quiet"]).status().unwrap().success());
        project.write("shop.sh", script);
        project
    }

    /// Creates the same project in a new repository, with everything committed.
    pub fn committed(case: &str, script: &str) -> Self {
        let project = Self::after_success(case, script);
        for args in [["init", "--quiet"].as_slice(), &["add", "."], &["commit", "--quiet", "--message", "All"]] {
            let mut git = Command::new("git");
            git.args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(args);
            assert!(git.current_dir(&project.root).output().unwrap().status.success());
        }
        project
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Returns the command of the binary in the project.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(crate::BINARY);
        command.args(args).current_dir(&self.root);
        command.env("FIXTURES", crate::FIXTURES);
        for name in ["CARGO_TERM_COLOR", "COLUMNS", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command.env("NO_COLOR", "1");
        command
    }

    /// Runs the binary; returns its output.
    pub fn run(&self, args: &[&str]) -> String {
        self.show(args, &self.command(args).output().unwrap())
    }

    /// Runs the binary, which must fail without changing files; returns its output.
    #[track_caller]
    pub fn run_in_vain(&self, args: &[&str]) -> String {
        let before = self.files();
        let text = self.run(args);
        assert!(!text.contains("exit code: 0\n"), "it must fail:\n{text}");
        self.assert_unchanged(&before);
        text
    }

    /// Verifies that no file has changed.
    #[track_caller]
    pub fn assert_unchanged(&self, before: &Files) {
        let after = self.files();
        let changed: Vec<_> = before.iter().filter(|(path, text)| after.get(*path) != Some(text)).collect();
        let added: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
        assert!(changed.is_empty() && added.is_empty(), "changed: {changed:#?}\nadded: {added:#?}");
    }

    /// Returns the command, its exit code and its output, without details of the machine.
    pub fn show(&self, args: &[&str], output: &Output) -> String {
        let code = output.status.code().map_or("none".to_owned(), |code| code.to_string());
        let mut text = format!("$ meshsynth {}\nexit code: {code}\n", args.join(" "));
        for (name, stream) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !stream.is_empty() {
                text += &format!("-- {name}\n{}", String::from_utf8_lossy(stream));
            }
        }
        text.replace(self.root.to_str().unwrap(), "[PROJECT]")
    }

    /// Returns all files and folders of the project with their content, including temporary ones, without the target
    /// folder.
    pub fn files(&self) -> Files {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path == self.root.join("target") {
                    continue;
                }
                let is_folder = path.is_dir() && !path.is_symlink();
                files.insert(path.clone(), if is_folder { None } else { fs::read_to_string(&path).ok() });
                if is_folder {
                    folders.push(path);
                }
            }
        }
        files
    }
}

/// Compares a text with its snapshot.
macro_rules! assert_shown {
    ($name:literal, $text:expr) => {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../../../snapshots/cli");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.add_filter(r"in \d+\.\d s", "in [TIME] s");
        settings.add_filter(r#""seconds": [\d.e-]+"#, r#""seconds": "[TIME]""#);
        settings.add_filter(r"\.tmp-([a-z-]+)-\d+", ".tmp-$1-[PROCESS]");
        settings.bind(|| insta::assert_snapshot!($name, $text));
    };
}
pub(crate) use assert_shown;

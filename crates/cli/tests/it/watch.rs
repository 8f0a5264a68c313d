//! `meshsynth watch`: its messages for each save, and the last good output.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::project::{GOOD, Project};

/// A running watch whose output is read line by line.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(project: &Project, args: &[&str]) -> Self {
        let args = [&["watch"], args].concat();
        let mut child = project.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        for stream in [
            Box::new(child.stdout.take().unwrap()) as Box<dyn std::io::Read + Send>,
            Box::new(child.stderr.take().unwrap()),
        ] {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let _ = sender.send(line);
                }
            });
        }
        Self { child, lines }
    }

    /// Returns all lines up to the one that waits for a save.
    #[track_caller]
    fn said(&self) -> String {
        let mut text = String::new();
        while !text.contains("waiting for changes") {
            let line =
                self.lines.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| panic!("no more than:\n{text}"));
            text += &format!("{line}\n");
        }
        // The two streams are not ordered: earlier output on stdout may arrive a moment later.
        while let Ok(line) = self.lines.recv_timeout(Duration::from_millis(500)) {
            text += &format!("{line}\n");
        }
        text
    }

    fn end(mut self) -> Option<i32> {
        let kill = Command::new("sh").arg("-c").arg(format!("kill -INT {}", self.child.id())).status().unwrap();
        assert!(kill.success());
        self.child.wait().unwrap().code()
    }
}

#[cfg(unix)]
#[test]
fn synthesizes_and_compares_on_every_save() {
    let project = Project::new("watch", GOOD);
    let watch = Watch::start(&project, &[]);
    let first = watch.said();
    assert!(
        first.contains("synthesized shop") && first.contains("later outputs are compared with this one"),
        "{first}"
    );

    let louder = r#"sed 's/"5432"/"5433"/; s/replicaCount: 2/replicaCount: 3/' "#;
    let edit = format!(
        "{GOOD}\n{louder} $FIXTURES/shop/helm/shop/istiod.values.yaml > \
         $MESHSYNTH_OUT/helm/shop/istiod.values.yaml\necho '  more: true' >> \
         $MESHSYNTH_OUT/helm/shop/istiod.values.yaml"
    );
    project.write("shop.sh", &edit);
    let second = watch.said();
    assert!(second.contains("shop.sh changed") && second.contains("istiod"), "{second}");

    let good = fs::read_to_string(project.root.join("synth.out/shop/helm/shop/istiod.values.yaml")).unwrap();
    project.write("shop.sh", "cp $FIXTURES/mistakes.json $MESHSYNTH_OUT/diagnostics.json; exit 1");
    let third = watch.said();
    assert!(third.contains("error[MS") && third.contains("the last good output is kept"), "{third}");
    assert!(third.contains("shows that output, not the saved files") && !third.contains("no changes"), "{third}");
    assert_eq!(fs::read_to_string(project.root.join("synth.out/shop/helm/shop/istiod.values.yaml")).unwrap(), good);

    project.write("meshsynth.toml", "[apps.shop\n");
    let fourth = watch.said();
    assert!(fourth.contains("it is not valid TOML"), "{fourth}");
    project.write("meshsynth.toml", "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n");
    project.write("shop.sh", GOOD);
    let fifth = watch.said();
    assert!(fifth.contains("synthesized shop") && fifth.contains("no changes"), "{fifth}");
    assert_eq!(watch.end(), Some(0));
}

#[cfg(unix)]
#[test]
fn compares_only_after_successful_synthesis() {
    let project = Project::after_success("watch-broken", "exit 7");
    let watch = Watch::start(&project, &["--base", "synth.out"]);
    let first = watch.said();
    assert!(first.contains("ended with exit code 7") && first.contains("the first comparison follows"), "{first}");
    assert!(!first.contains("no changes"), "{first}");
    project.write("shop.sh", GOOD);
    let second = watch.said();
    assert!(second.contains("synthesized shop") && second.contains("no changes"), "{second}");
    assert_eq!(watch.end(), Some(0));
}

#[test]
fn reports_folders_that_cannot_be_watched() {
    let project = Project::new("watch-wrong", GOOD);
    for (args, words) in [
        (&["watch", "blog"][..], "unknown app `blog`"),
        (&["watch", "--env", "staging"], "`shop` has no environment `staging`"),
        (&["watch", "--also", "nowhere"], "does not exist"),
    ] {
        let text = project.run_in_vain(args);
        assert!(text.contains("exit code: 2") && text.contains(words) && text.contains("= help: "), "{text}");
    }
}

//! Tests whole commands with Helm releases of other owners, the first deployment of an app, and smoke tests.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::executor::Report;
use meshsynth_deploy::watch::Answer;

use crate::adopt::taken;
use crate::platform::TOKYO;
use crate::scenario::{Machine, Platform, Verb, row};

/// A Helm that stores each release as a file with its labels.
const HELM: &str = r#"#!/bin/sh
d=$(dirname "$0")
case "$1" in
version) echo v3.18.0 ;;
status)
  [ -e "$d/$4.$2" ] || { echo 'Error: release: not found' >&2; exit 1; }
  echo '{"info":{"status":"deployed"},"version":3,"config":{"theirs":1}}' ;;
list)
  name=$(echo "$5" | tr -d '^$')
  [ -e "$d/$3.$name" ] || { echo '[]'; exit; }
  if [ "$6" = --selector ]; then
    for pair in $(echo "$7" | tr , ' '); do grep -q "$pair" "$d/$3.$name" || { echo '[]'; exit; }; done
  fi
  echo "[{\"chart\":\"$name-1.0.0\"}]" ;;
upgrade)
  name=$3
  while [ $# -gt 1 ]; do
    [ "$1" = --namespace ] && ns=$2
    [ "$1" = --labels ] && labels=$2
    shift
  done
  echo "$labels" > "$d/$ns.$name" ;;
uninstall) rm "$d/$4.$2" ;;
esac
"#;

fn platform() -> Platform {
    Platform {
        stacks: vec![
            row("data", "shop-data", TOKYO, &[], &["Queue"], 1),
            row("jobs", "shop-jobs", TOKYO, &["data"], &["Queue"], 1),
        ],
        clusters: vec![("run", TOKYO, vec!["settings"])],
        releases: vec!["echo", "istiod"],
    }
}

fn machine(name: &str) -> (Machine, PathBuf) {
    let machine = Machine::new(&format!("owners-{name}"), &platform());
    let bin = machine.folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(bin.join("helm"), HELM).unwrap();
    fs::set_permissions(bin.join("helm"), fs::Permissions::from_mode(0o755)).unwrap();
    (machine, bin)
}

async fn run(machine: &Machine, verb: Verb, run: &str, approval: Approval) -> Result<Report, String> {
    let mut options = machine.options(run);
    options.clusters.helm = Some(machine.folder.join("bin/helm"));
    options.clusters.approval = approval;
    options.settings.approval = approval;
    machine.run(verb, &options).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn release_of_another_team_is_never_taken_or_uninstalled_without_a_question() {
    let (machine, bin) = machine("release");
    let foreign = bin.join("shop.istiod");
    fs::write(&foreign, "team=platform\n").unwrap();
    machine.notes.answer.set(Answer::No);
    let report = run(&machine, Verb::Deploy, "run1", Approval::DataLoss).await.unwrap();
    assert!(report.failed[0].1.text.contains("were not approved"), "{report:#?}");
    assert!(taken(&machine.notes).contains("Helm release `shop/istiod` from another user or tool"));
    let why = machine.notes.asked.borrow()[0].why.to_string();
    assert!(why.contains("takes over Helm release `shop/istiod`"), "{why}");
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "team=platform\n");
    assert!(!bin.join("shop.echo").exists(), "the question is before the first change");
    // `destroy` keeps a release of another owner.
    let report = run(&machine, Verb::Destroy, "run2", Approval::Access).await.unwrap();
    assert!(report.is_fine(), "{report:#?}");
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "team=platform\n");
    assert!(machine.notes.notes().iter().any(|it| it.starts_with("Helm release `shop/istiod` is kept")));
    // After the takeover, `destroy` asks before it uninstalls the release.
    machine.notes.answer.set(Answer::Yes);
    assert!(run(&machine, Verb::Deploy, "run3", Approval::DataLoss).await.unwrap().is_fine());
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "meshsynth/app=shop,meshsynth/adopted=true\n");
    assert_eq!(fs::read_to_string(bin.join("shop.echo")).unwrap(), "meshsynth/app=shop\n");
    machine.notes.answer.set(Answer::No);
    assert!(!run(&machine, Verb::Destroy, "run4", Approval::Access).await.unwrap().is_fine());
    assert!(foreign.exists() && bin.join("shop.echo").exists());
    let why = machine.notes.asked.borrow().last().unwrap().why.to_string();
    assert!(why.contains("uninstalls Helm release `shop/istiod`, which was taken over"), "{why}");
    assert!(run(&machine, Verb::Destroy, "run5", Approval::Never).await.unwrap().is_fine());
    assert!(!foreign.exists() && !bin.join("shop.echo").exists());
}

#[tokio::test(start_paused = true)]
async fn first_deployment_asks_once_and_a_rejection_ends_the_questions() {
    let (machine, _) = machine("first");
    machine.notes.answer.set(Answer::No);
    let told = run(&machine, Verb::Deploy, "run1", Approval::Always).await.unwrap_err();
    assert!(told.contains("the first deployment was not approved"), "{told}");
    assert_eq!(machine.notes.asked.borrow().len(), 1);
    assert_eq!(machine.fake.world.borrow().stacks.len(), 1, "only the stack of `bootstrap` exists");
    machine.notes.answer.set(Answer::Yes);
    machine.notes.asked.borrow_mut().clear();
    let report = run(&machine, Verb::Deploy, "run2", Approval::Always).await.unwrap();
    assert!(report.is_fine(), "{report:#?}");
    assert_eq!(machine.notes.asked.borrow().len(), 1, "{:?}", machine.notes.asked.borrow());
    // Two stacks change at the same time. A rejection of one of them also applies to the other.
    let mut next = platform();
    next.stacks =
        vec![row("data", "shop-data", TOKYO, &[], &["Queue"], 2), row("jobs", "shop-jobs", TOKYO, &[], &["Queue"], 2)];
    machine.write(&next);
    machine.notes.asked.borrow_mut().clear();
    machine.notes.answer.set(Answer::No);
    let report = run(&machine, Verb::Deploy, "run3", Approval::Always).await.unwrap();
    assert_eq!((report.failed.len(), machine.notes.asked.borrow().len()), (2, 1), "{report:#?}");
}

#[tokio::test]
async fn smoke_test_has_no_credentials_and_a_time_limit() {
    let (machine, bin) = machine("smoke");
    fs::write(bin.join("kubectl"), "#!/bin/sh\nexit 0\n").unwrap();
    fs::set_permissions(bin.join("kubectl"), fs::Permissions::from_mode(0o755)).unwrap();
    let marker = machine.folder.join("survivor");
    let script = format!("env > {0}.env\n(sleep 3; touch {0}) &\nsleep 60\n", marker.display());
    let folder = machine.folder.join("shop");
    fs::create_dir_all(folder.join("smoke")).unwrap();
    fs::write(folder.join("smoke/run.sh"), script).unwrap();
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    fs::write(folder.join("manifest.json"), manifest.replace("\"files\":[", "\"files\":[\"smoke/run.sh\",")).unwrap();
    machine.fake.world.borrow_mut().takes = 10;
    let mut options = machine.options("run1");
    options.by_region = Some(Vec::new());
    options.clusters.helm = Some(bin.join("helm"));
    options.clusters.path = Some(format!("{}:/usr/bin:/bin", bin.display()).into());
    options.clusters.smoke_timeout = Some(Duration::from_secs(1));
    let begin = Instant::now();
    let report = machine.run(Verb::Deploy, &options).await.unwrap().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(40));
    assert_eq!(report.failed[0].1.text, "the smoke test of cluster `run` did not end within 1 s, and was killed");
    let variables = fs::read_to_string(format!("{}.env", marker.display())).unwrap();
    let allowed =
        ["HOME", "KUBECONFIG", "LANG", "LC_ALL", "LOGNAME", "PATH", "PWD", "SHLVL", "TMPDIR", "TZ", "USER", "_"];
    let is_allowed = |line: &&str| {
        let name = line.split('=').next().unwrap();
        allowed.contains(&name) || name.to_lowercase().ends_with("_proxy") || name.starts_with("SSL_CERT")
    };
    let others: Vec<&str> = variables.lines().filter(|line| !is_allowed(line)).collect();
    assert_eq!(others, [""; 0]);
    // The background process of the script is killed, too.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!marker.exists());
}

#[tokio::test(start_paused = true)]
async fn missing_export_is_reported_before_the_first_change() {
    let (machine, _) = machine("import");
    let mut platform = platform();
    let text =
        r#"{"Resources":{"Queue":{"Type":"AWS::SQS::Queue","Properties":{"Of":{"Fn::ImportValue":"network-Vpc"}}}}}"#;
    platform.stacks[1].4 = text.to_owned();
    machine.write(&platform);
    let told = run(&machine, Verb::Deploy, "run1", Approval::Never).await.unwrap_err();
    assert!(
        told.contains("stack `jobs` (ap-northeast-1) imports `network-Vpc`, which no stack there exports"),
        "{told}"
    );
    assert_eq!(machine.fake.world.borrow().stacks.len(), 1);
    let mut network = crate::world::Kept::default();
    network.stack.name = "network".to_owned();
    network.stack.status = "CREATE_COMPLETE".to_owned();
    network.stack.exports.insert("Vpc".to_owned(), "network-Vpc".to_owned());
    machine.fake.world.borrow_mut().stacks.insert((TOKYO.to_owned(), "network".to_owned()), network);
    assert!(run(&machine, Verb::Deploy, "run2", Approval::Never).await.unwrap().is_fine());
}

//! Tests Helm releases with a fake `helm` program that logs its calls.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use meshsynth_deploy::assembly::Release;
use meshsynth_deploy::helm::{Helm, Owner};
use serde_json::json;

fn helm(case: &str, script: &str) -> Helm {
    let folder = std::env::temp_dir().join(format!("meshsynth-helm-{case}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("helm");
    let log = folder.join("log");
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> {}\ncase \"$1\" in\nversion) echo v3.18.0 ;;\n{script}\nesac\n",
        log.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    Helm {
        program,
        kubeconfig: Some(PathBuf::from("/k")),
        context: None,
        folder,
        cluster: "run".to_owned(),
        app: "shop".to_owned(),
    }
}

fn release() -> Release {
    serde_json::from_value(json!({
        "name": "istiod", "namespace": "istio-system", "chart": "istiod", "version": "1.30.3",
        "repository": "https://charts.example.com", "values": "x", "source": "src/main.rs:7:5"
    }))
    .unwrap()
}

fn log(helm: &Helm) -> String {
    let text = fs::read_to_string(helm.folder.join("log")).unwrap_or_default();
    text.replace(&helm.folder.display().to_string(), "[FOLDER]")
}

#[tokio::test]
async fn installs_pinned_chart_and_deletes_values_file() {
    let helm = helm("install", "status) echo 'Error: release: not found' >&2; exit 1 ;;");
    helm.check().await.unwrap();
    assert_eq!(helm.release(&release(), "{\"a\": 1}", false).await.unwrap(), "installed to istiod 1.30.3");
    insta::assert_snapshot!(log(&helm), @"
    version --template {{.Version}} --kubeconfig /k
    status istiod --namespace istio-system --output json --kubeconfig /k
    status istiod --namespace istio-system --output json --kubeconfig /k
    upgrade --install istiod istiod --version 1.30.3 --repo https://charts.example.com --namespace istio-system --create-namespace --values [FOLDER]/run.istio-system.istiod.values.yaml --wait --timeout 15m --labels meshsynth/app=shop --kubeconfig /k
    ");
    assert!(!helm.folder.join("run.istio-system.istiod.values.yaml").exists());
}

#[tokio::test]
async fn concurrent_clusters_use_separate_values() {
    let script = "status) echo 'Error: release: not found' >&2; exit 1 ;;\nupgrade) sleep 0.3; for it; do case \
         \"$it\" in *.values.yaml) cp \"$it\" \"$it.seen\" ;; esac; done ;;";
    let one = helm("side-by-side", script);
    let (program, folder) = (one.program.clone(), one.folder.clone());
    let other =
        Helm { program, folder, kubeconfig: None, context: None, cluster: "other".to_owned(), app: "shop".to_owned() };
    let release = release();
    let (done, also) =
        tokio::join!(one.release(&release, "{\"a\": 1}", false), other.release(&release, "{\"a\": 2}", false));
    assert_eq!(
        (done.unwrap().as_str(), also.unwrap().as_str()),
        ("installed to istiod 1.30.3", "installed to istiod 1.30.3")
    );
    let seen =
        |cluster: &str| fs::read_to_string(one.folder.join(format!("{cluster}.istio-system.istiod.values.yaml.seen")));
    assert_eq!((seen("run").unwrap().as_str(), seen("other").unwrap().as_str()), ("{\"a\": 1}", "{\"a\": 2}"));
}

#[tokio::test]
async fn does_not_change_current_release() {
    let script = "status) echo '{\"info\":{\"status\":\"deployed\"},\"config\":{\"a\":1}}' ;;\nlist) echo \
         '[{\"chart\":\"istiod-1.30.3\"}]' ;;";
    let helm = helm("same", script);
    assert_eq!(helm.release(&release(), "{\"a\": 1}", false).await.unwrap(), "no changes");
    assert!(!log(&helm).contains("upgrade"));
    assert_eq!(helm.release(&release(), "{\"a\": 2}", false).await.unwrap(), "upgraded to istiod 1.30.3");
}

#[tokio::test]
async fn rolls_back_or_explains_pending_release() {
    let pending = "list) echo '[{}]' ;;\nstatus) echo '{\"info\":{\"status\":\"pending-upgrade\"}}' ;;\nhistory) echo \
         '[{\"revision\":3,\"status\":\"deployed\"},{\"revision\":4,\"status\":\"pending-upgrade\"}]' ;;";
    let helm1 = helm("pending", pending);
    let text = helm1.release(&release(), "{}", false).await.unwrap();
    assert_eq!(text, "upgraded to istiod 1.30.3, after an interrupted run");
    assert!(log(&helm1).contains("rollback istiod 3 --namespace istio-system"), "{}", log(&helm1));
    let never = "list) echo '[{}]' ;;\nstatus) echo '{\"info\":{\"status\":\"pending-install\"}}' ;;\nhistory) echo \
         '[{\"revision\":1,\"status\":\"pending-install\"}]' ;;";
    let failure = helm("never", never).release(&release(), "{}", false).await.unwrap_err();
    insta::assert_snapshot!(failure, @"
    error: cluster `run`: the release `istio-system/istiod` is `pending-install`, and has no successful revision
      --> src/main.rs:7:5
       = help: if no other process is installing it, remove it with `helm uninstall istiod --namespace istio-system`, then run the command again
    ");
}

#[tokio::test]
async fn reports_helm_errors_and_unsupported_helm() {
    let failing = "status) echo 'Error: release: not found' >&2; exit 1 ;;\nupgrade) echo 'Error: chart not found' \
         >&2; exit 1 ;;";
    let failure = helm("failing", failing).release(&release(), "{}", false).await.unwrap_err();
    assert_eq!(failure.cause, "Error: chart not found");
    let mut missing = helm("missing", "");
    missing.program = PathBuf::from("/nowhere/helm");
    let failure = missing.check().await.unwrap_err();
    assert!(
        failure.text.starts_with("cluster `run` has Helm releases, but `/nowhere/helm` does not start"),
        "{failure}"
    );
    let old = helm("old", "");
    let script = fs::read_to_string(&old.program).unwrap().replace("v3.18.0", "v2.17.0");
    fs::write(&old.program, script).unwrap();
    assert!(old.check().await.unwrap_err().text.contains("is Helm `v2.17.0`, but releases require Helm 3.14 or later"));
}

/// A release of another team: no label selects it until this app upgrades it.
const FOREIGN: &str = "list) case \"$*\" in *--selector*) test -e \"$(dirname \"$0\")/ours\" && echo '[{}]' || echo '[]' ;; *) \
     echo '[{\"chart\":\"istiod-1.30.3\"}]' ;; esac ;;\nstatus) echo \
     '{\"info\":{\"status\":\"deployed\"},\"version\":4,\"config\":{\"a\":1}}' ;;\nupgrade) touch \"$(dirname \"$0\")/ours\" ;;";

#[tokio::test]
async fn release_of_another_team_is_changed_only_after_a_takeover() {
    let helm = helm("foreign", FOREIGN);
    let other = Owner::Other { status: "deployed".to_owned(), revision: 4 };
    assert_eq!(helm.owner(&release()).await.unwrap(), other);
    let failure = helm.release(&release(), "{\"a\": 2}", false).await.unwrap_err();
    assert!(failure.text.ends_with("exists, but was not installed by this app"), "{failure}");
    assert!(!log(&helm).contains("upgrade"));
    // Equal values also need an upgrade, because it records the owner.
    let text = helm.release(&release(), "{\"a\": 1}", true).await.unwrap();
    assert_eq!(text, "upgraded to istiod 1.30.3");
    assert!(log(&helm).contains("--labels meshsynth/app=shop,meshsynth/adopted=true"), "{}", log(&helm));
    assert_eq!(helm.owner(&release()).await.unwrap(), Owner::Us { is_adopted: true });
}

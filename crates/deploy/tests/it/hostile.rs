//! Tests hostile assemblies and state folders: links, names, sizes, and random changes of valid input.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use meshsynth_deploy::assembly::Assembly;
use meshsynth_deploy::kube::objects;
use meshsynth_deploy::plan::Plan;
use meshsynth_deploy::record::Record;
use meshsynth_deploy::state_dir::StateDir;
use serde_json::{Value, json};

use crate::fake::Random;
use crate::platform::TOKYO;
use crate::scenario::{Machine, Platform, row};

/// The number of random inputs for each loader.
const INPUTS: u64 = 1_500;

fn machine(name: &str) -> Machine {
    let platform = Platform {
        stacks: vec![row("data", "shop-data", TOKYO, &[], &["Queue"], 1)],
        clusters: vec![("run", TOKYO, vec!["settings"])],
        releases: vec!["echo"],
    };
    Machine::new(&format!("hostile-{name}"), &platform)
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns the error of an assembly after a change of its manifest.
fn refused(machine: &Machine, change: impl FnOnce(&mut Value)) -> String {
    let path = machine.folder.join("shop/manifest.json");
    let before = fs::read(&path).unwrap();
    let mut manifest = read(&path);
    change(&mut manifest);
    fs::write(&path, manifest.to_string()).unwrap();
    let error = Assembly::read(&machine.folder.join("shop")).unwrap_err();
    fs::write(&path, before).unwrap();
    format!("{error:#}")
}

#[test]
fn rejects_names_that_leave_a_folder_or_hide_text() {
    let machine = machine("names");
    let cases: [(&str, Value); 12] = [
        ("/app", json!("../../evil")),
        ("/app", json!("shop\u{1b}[2K")),
        ("/clusters/0/id", json!("../../../evil")),
        ("/clusters/0/id", json!(".hidden")),
        ("/clusters/0/releases/0/name", json!("--kubeconfig=/tmp/x")),
        ("/clusters/0/releases/0/namespace", json!("a/b")),
        ("/clusters/0/releases/0/chart", json!("-x")),
        ("/clusters/0/objects/0/path", json!("k8s/../../x")),
        ("/clusters/0/objects/0/source", json!("src/main.rs\r\n0:00 data: done")),
        ("/stacks/0/template", json!("/etc/passwd")),
        ("/stacks/0/region", json!("eu-west-1.evil.example")),
        ("/files/0", json!("../secret")),
    ];
    for (pointer, value) in cases {
        let told = refused(&machine, |it| *it.pointer_mut(pointer).unwrap() = value.clone());
        assert!(told.contains("`manifest.json`"), "{pointer}: {told}");
        assert!(!told.contains(char::is_control), "{pointer}: {told:?}");
    }
    let told = refused(&machine, |it| {
        let stack = it["stacks"][0].clone();
        it["stacks"].as_array_mut().unwrap().push(stack);
    });
    assert!(told.contains("two stacks with the ID `data`"), "{told}");
}

#[test]
fn rejects_nested_stacks_with_hostile_names_or_without_a_parent() {
    let machine = machine("nested");
    for (stack, resource, template) in [
        ("data", "Db\u{1b}[2K", "a.json"),
        ("data", "Missing", "a.json"),
        ("gone", "Db", "a.json"),
        ("data", "Db", "../x"),
    ] {
        let told = refused(&machine, |it| {
            let mut nested = it["stacks"][0].clone();
            nested["id"] = json!("nested");
            nested["parent"] = json!({ "stack": stack, "resource": resource });
            nested["template"] = json!(template);
            it["stacks"].as_array_mut().unwrap().push(nested);
        });
        assert!(told.contains("`manifest.json`") && !told.contains(char::is_control), "{told:?}");
    }
}

#[test]
fn rejects_object_names_that_change_the_api_path() {
    let machine = machine("objects");
    let path = machine.folder.join("shop/k8s/run/30-config/configmap-settings.yaml");
    for (pointer, value) in
        [("/metadata/name", "../secrets/x"), ("/metadata/namespace", "a?x"), ("/apiVersion", "../v1")]
    {
        let mut object = read(&path);
        *object.pointer_mut(pointer).unwrap() = json!(value);
        let before = fs::read(&path).unwrap();
        fs::write(&path, object.to_string()).unwrap();
        let assembly = Assembly::read(&machine.folder.join("shop")).unwrap();
        let plan = Plan::new(&assembly, None).unwrap();
        let error = objects(&assembly, &plan.clusters[0], &Default::default()).unwrap_err();
        assert!(format!("{error:#}").contains("is not a valid"), "{error:#}");
        fs::write(&path, before).unwrap();
    }
}

#[test]
fn does_not_follow_links_of_an_assembly() {
    let machine = machine("links");
    let folder = machine.folder.join("shop");
    let secret = machine.folder.join("secret.json");
    fs::write(&secret, "{}").unwrap();
    let template = folder.join("data.template.json");
    fs::remove_file(&template).unwrap();
    symlink(&secret, &template).unwrap();
    let told = format!("{:#}", Assembly::read(&folder).unwrap_err());
    assert_eq!(told, "`data.template.json` is a symbolic link, which is not followed");
    fs::remove_file(&template).unwrap();
    fs::write(&template, "{}").unwrap();
    fs::rename(folder.join("values"), machine.folder.join("elsewhere")).unwrap();
    symlink(machine.folder.join("elsewhere"), folder.join("values")).unwrap();
    let told = format!("{:#}", Assembly::read(&folder).unwrap_err());
    assert_eq!(told, "`values/echo.yaml` is in a linked folder, which is not followed");
}

#[test]
fn rejects_large_files_and_pipes_without_reading_them() {
    let machine = machine("sizes");
    let template = machine.folder.join("shop/data.template.json");
    // A sparse file of 3 GiB takes no space.
    fs::File::create(&template).unwrap().set_len(3 << 30).unwrap();
    let begin = std::time::Instant::now();
    let told = format!("{:#}", Assembly::read(&machine.folder.join("shop")).unwrap_err());
    assert_eq!(told, "`data.template.json` has 3221225472 bytes, but the limit for a file is 67108864");
    fs::remove_file(&template).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&template).status();
    if made.is_ok_and(|status| status.success()) {
        let told = format!("{:#}", Assembly::read(&machine.folder.join("shop")).unwrap_err());
        assert_eq!(told, "`data.template.json` is not a file");
    }
    assert!(begin.elapsed().as_secs() < 2);
}

#[test]
fn does_not_follow_links_of_the_state_folder() {
    let machine = machine("state");
    let (output, victim) = (machine.folder.clone(), machine.folder.join("victim"));
    fs::create_dir_all(&victim).unwrap();
    fs::set_permissions(&victim, fs::Permissions::from_mode(0o755)).unwrap();
    let kept = ["a.values.yaml", "lock", "journal.jsonl", "record.json"].map(|name| victim.join(name));
    for path in &kept {
        fs::write(path, "precious").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    let is_whole = |paths: &[PathBuf]| {
        paths.iter().all(|path| {
            let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
            fs::read_to_string(path).is_ok_and(|text| text == "precious") && mode == 0o644
        })
    };
    // The folder of the app, and the folder of all states.
    fs::create_dir_all(output.join(".deploy")).unwrap();
    symlink(&victim, output.join(".deploy/shop")).unwrap();
    let told = format!("{:#}", StateDir::take(&output, "shop", "ann").unwrap_err());
    assert!(told.contains("is a symbolic link, which is not followed"), "{told}");
    assert!(is_whole(&kept));
    assert_eq!(fs::metadata(&victim).unwrap().permissions().mode() & 0o777, 0o755);
    fs::remove_dir_all(output.join(".deploy")).unwrap();
    symlink(&victim, output.join(".deploy")).unwrap();
    assert!(StateDir::take(&output, "shop", "ann").is_err());
    assert!(is_whole(&kept) && !victim.join("shop").exists());
    fs::remove_file(output.join(".deploy")).unwrap();
    // The files in the folder.
    for name in ["lock", "journal.jsonl", "record.json"] {
        fs::create_dir_all(output.join(".deploy/shop")).unwrap();
        symlink(victim.join(name), output.join(".deploy/shop").join(name)).unwrap();
        let done = StateDir::take(&output, "shop", "ann").and_then(|state| {
            state.journal()?;
            Record::read(&output, "shop").map(|_| ())
        });
        assert!(done.is_err(), "{name}");
        assert!(is_whole(&kept), "{name}");
        fs::remove_dir_all(output.join(".deploy")).unwrap();
    }
    assert!(StateDir::take(&output, "../evil", "ann").is_err());
}

/// Changes a random part of a value.
fn mutate(value: &mut Value, dice: &Random, depth: u64) {
    const TEXTS: [&str; 12] = [
        "",
        ".",
        "..",
        "../../../evil",
        "/etc/passwd",
        "a\u{1b}]0;x\u{7}",
        "a\nb",
        "-x",
        "a\\b",
        "\u{202e}",
        "k8s//x",
        "é",
    ];
    let pick = |n: usize| usize::try_from(dice.below(n.max(1) as u64)).unwrap();
    if depth == 0 || dice.below(4) == 0 {
        *value = match dice.below(9) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(-1),
            3 => json!(1.0e308),
            4 => json!([]),
            5 => json!({}),
            6 => json!("x".repeat(5_000)),
            7 => json!([[[[{ "a": [null] }]]]]),
            _ => json!(TEXTS[pick(TEXTS.len())]),
        };
        return;
    }
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(pick(fields.len())).unwrap().clone();
            match dice.below(8) {
                0 => drop(fields.remove(&key)),
                1 => drop(fields.insert(TEXTS[pick(TEXTS.len())].to_owned(), json!(1))),
                _ => mutate(fields.get_mut(&key).unwrap(), dice, depth - 1),
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let idx = pick(items.len());
            match dice.below(8) {
                0 => drop(items.remove(idx)),
                1 => items.push(items[idx].clone()),
                _ => mutate(&mut items[idx], dice, depth - 1),
            }
        }
        other => mutate(other, dice, 0),
    }
}

/// Whether a text is safe as a part of a file name.
fn is_safe(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(['.', '-'])
        && !name.contains(|it: char| it.is_control() || "/\\".contains(it))
}

#[test]
fn loaders_accept_or_reject_random_input_without_panics() {
    let machine = machine("random");
    let folder = machine.folder.join("shop");
    let paths = ["manifest.json", "bindings.json", "k8s/run/40-workloads/deployment-orders.yaml", "data.template.json"];
    fs::write(folder.join("bindings.json"), json!({ "${data/a}": { "stack": "data", "output": "Name" } }).to_string())
        .unwrap();
    let (dice, mut accepted) = (Random::new(7), 0);
    for idx in 0..INPUTS {
        let path = folder.join(paths[usize::try_from(idx % 4).unwrap()]);
        let before = fs::read(&path).unwrap();
        let mut value: Value = serde_json::from_slice(&before).unwrap();
        (0..=dice.below(3)).for_each(|_| mutate(&mut value, &dice, 7));
        let mut text = value.to_string().into_bytes();
        // Some inputs are not JSON, or not UTF-8.
        match dice.below(10) {
            0 => text.truncate(usize::try_from(dice.below(text.len() as u64 + 1)).unwrap()),
            1 => text.push(0xff),
            _ => {}
        }
        fs::write(&path, &text).unwrap();
        if let Ok(assembly) = Assembly::read(&folder) {
            accepted += 1;
            let manifest = &assembly.manifest;
            assert!(is_safe(&manifest.app) && manifest.clusters.iter().all(|it| is_safe(&it.id)), "{manifest:?}");
            let releases = manifest.clusters.iter().flat_map(|it| &it.releases);
            assert!(releases.clone().all(|it| is_safe(&it.name)), "{manifest:?}");
            assert!(assembly.files.keys().all(|path| path.split('/').all(|part| part != ".." && !part.is_empty())));
            if let Ok(plan) = Plan::new(&assembly, None) {
                let _ = Plan::read(&plan.to_json(), &assembly).unwrap();
                for step in &plan.clusters {
                    let _ = objects(&assembly, step, &Default::default());
                }
            }
        }
        fs::write(&path, before).unwrap();
    }
    assert!((INPUTS / 20..INPUTS).contains(&accepted), "{accepted} of {INPUTS} are accepted");
}

#[test]
fn state_is_read_or_rejected_for_random_input() {
    let machine = machine("random-state");
    let state = machine.folder.join(".deploy/shop");
    fs::create_dir_all(&state).unwrap();
    let record = json!({
        "stacks": ["shop-data"], "places": [{ "account": null, "region": TOKYO }],
        "clusters": { "run": { "objects": ["k8s/run/40-workloads/a.yaml"], "releases": ["echo"] } }
    });
    let free = json!([[{ "place": { "account": null, "region": TOKYO }, "bucket": "b" }, "1"]]);
    let dice = Random::new(11);
    let assembly = Assembly::read(&machine.folder.join("shop")).unwrap();
    for _ in 0..INPUTS / 3 {
        for (name, value) in [("record.json", &record), ("free.json", &free)] {
            let mut value = value.clone();
            mutate(&mut value, &dice, 5);
            fs::write(state.join(name), value.to_string()).unwrap();
        }
        if let Ok(last) = Record::read(&machine.folder, "shop") {
            let _ = Plan::new(&assembly, last.as_ref()).unwrap();
        }
        let taken = StateDir::take(&machine.folder, "shop", "ann").unwrap();
        let _ = taken.free();
    }
}

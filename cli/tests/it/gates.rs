//! Gates, exceptions and severities, as the configuration writes them.

use serde_json::{Value, json};

use crate::project::{GOOD, Project, WRITTEN};

const APP: &str = "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n";

/// A project whose database restarts and loses its group, and that has a new store without protection.
fn changed(case: &str) -> Project {
    let project = Project::after_success(case, GOOD);
    let copied = std::process::Command::new("cp").args(["-R", "synth.out", "old"]).current_dir(&project.root).status();
    assert!(copied.unwrap().success());
    let path = "synth.out/shop/data.template.json";
    let text = std::fs::read_to_string(project.root.join(path)).unwrap();
    let mut template: Value = serde_json::from_str(&text).unwrap();
    let resources = template["Resources"].as_object_mut().unwrap();
    resources.retain(|_, resource| resource["Type"] == "AWS::RDS::DBInstance");
    resources.values_mut().for_each(|resource| resource["Properties"]["DBInstanceClass"] = json!("db.r8g.large"));
    resources.insert("Files".to_owned(), json!({ "Type": "AWS::EFS::FileSystem", "Properties": {} }));
    project.write(path, &template.to_string());
    project.write("shop.sh", WRITTEN);
    project
}

fn diff(project: &Project, config: &str, more: &[&str]) -> String {
    project.write("meshsynth.toml", &format!("{APP}{config}"));
    project.run(&[&["diff", "--base", "old", "--today", "2026-11-23"], more].concat())
}

#[test]
fn each_gate_is_hit_and_told_in_every_form() {
    let project = changed("gates-hit");
    for (gate, words) in [
        ("interruption", "it would interrupt `data/orders-db` (it restarts or fails over)"),
        ("mass-delete=0%", "1 of 2 resources of stack `data` (at most 0)"),
        ("unprotected", "`Files` (without backup, without retention)"),
    ] {
        let text = diff(&project, "", &["--deny", gate]);
        assert!(text.contains("exit code: 1\n") && text.contains(words), "{text}");
        let text = project.run(&["diff", "--base", "synth.out", "--deny", gate]);
        assert!(text.contains("exit code: 0\n"), "{text}");
        for form in ["markdown", "html", "json", "sarif"] {
            let text = diff(&project, "", &["--deny", gate, "--format", form, "--quiet"]);
            let told = text.split("-- stdout\n").nth(1).unwrap_or_default();
            assert!(told.contains(gate.split('=').next().unwrap()), "{form}: {told}");
        }
    }
    let text = diff(&project, "", &["--deny", "regions-at-once=1,mass-delete=100%,MS0421"]);
    assert!(text.contains("exit code: 0\n"), "{text}");
    for (gate, words) in [
        ("mass-delete", "`mass-delete` has no limit"),
        ("regions-at-once=none", "has no valid limit"),
        ("interuption", "did you mean `interruption`?"),
        ("MS9999", "there is no gate `MS9999`"),
    ] {
        let text = diff(&project, "", &["--deny", gate]);
        assert!(text.contains("exit code: 2\n") && text.contains(words), "{text}");
    }
}

#[test]
fn one_table_of_exceptions_is_for_gates_and_rules() {
    let project = changed("gates-allow");
    let deny = "[diff]\ndeny = [\"unprotected\", \"mass-delete=0\"]\n";
    let allow = |code: &str, what: &str| {
        format!(
            "[[allow]]\ncode = \"{code}\"\nwhat = \"{what}\"\nreason = \"agreed\"\nuntil = \"2026-12-31\"\nwho = \"ann\"\n"
        )
    };
    let text = diff(&project, deny, &[]);
    assert!(text.contains("`unprotected` is denied") && text.contains("`mass-delete=0` is denied"), "{text}");
    let both = format!("{}{}", allow("unprotected", "Files"), allow("mass-delete", "*"));
    let text = diff(&project, &format!("{deny}{both}"), &[]);
    assert!(
        text.contains("exit code: 0\n") && text.contains("`unprotected` lets `Files` pass until 2026-12-31: agreed"),
        "{text}"
    );
    // One that has ended is named where it would be needed; one that nothing needs is a warning.
    let text = diff(&project, &format!("{deny}{}", both.replace("2026-12-31", "2026-11-22")), &[]);
    assert!(
        text.contains("exit code: 1\n") && text.contains("(an exception ended on 2026-11-22: meshsynth.toml:5:1)"),
        "{text}"
    );
    let text = diff(&project, &format!("{deny}{both}{}", allow("unprotected", "cache")), &[]);
    let words = "warning: nothing that changes needs the exception for `unprotected` in `cache` (meshsynth.toml:17:1)";
    assert!(text.contains("exit code: 0\n") && text.contains(words), "{text}");
    for (config, words) in [
        (allow("unprotectd", "*"), "did you mean `unprotected`?"),
        (allow("MS0999", "*"), "there is no code `MS0999`"),
        (allow("public", "*").replace("who = \"ann\"\n", ""), "an exception of `[[allow]]` is not whole"),
        (allow("public", "*").replace("who", "whom"), "unknown key `whom` in `[[allow]]`"),
    ] {
        let text = diff(&project, &config, &[]);
        assert!(text.contains("exit code: 2\n") && text.contains(words), "{text}");
    }
    for code in ["ACME001", "CKV_AWS_18", "E3012", "MS0421"] {
        let text = diff(&project, &allow(code, "*"), &[]);
        assert!(text.contains("exit code: 0\n"), "{code}: {text}");
    }
}

#[test]
fn a_finding_of_check_passes_by_the_same_table() {
    let project = Project::new("gates-check", GOOD);
    project.write(
        "k8s/a.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: { name: a, namespace: shop }\nspec:\n  ports: [{ port: http }]\n",
    );
    let check = |config: &str| {
        project.write("meshsynth.toml", config);
        project.run(&["check", "k8s", "--today", "2026-11-23"])
    };
    let text = check("[check]\n");
    assert!(text.contains("exit code: 1\n"), "{text}");
    let code = text.split("error[").nth(1).unwrap().split(']').next().unwrap().to_owned();
    let allow = format!(
        "[check]\n[[allow]]\ncode = \"{code}\"\nwhat = \"k8s/*\"\nreason = \"old\"\nuntil = \"2026-12-31\"\nwho = \"ann\"\n"
    );
    let text = check(&allow);
    assert!(text.contains("exit code: 0\n") && text.contains("are suppressed until 2026-12-31: old"), "{text}");
    let text = check(&allow.replace("2026-12-31", "2026-11-22"));
    assert!(text.contains("exit code: 1\n") && text.contains("expired on 2026-11-22"), "{text}");
}

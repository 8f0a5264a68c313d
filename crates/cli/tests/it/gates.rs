//! Gates, exceptions and severities in the configuration.

use serde_json::{Value, json};

use crate::project::{GOOD, Project, WRITTEN, assert_shown};

const APP: &str = "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n";

/// Creates a project whose database restarts and loses its parameter group, and that has a new unprotected store.
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
fn reports_each_gate_in_every_format() {
    let project = changed("gates-hit");
    for (gate, words) in [
        ("interruption", "the change would interrupt `data/orders-db` (it restarts or fails over)"),
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
        ("mass-delete", "`mass-delete` requires a limit"),
        ("regions-at-once=none", "is not valid"),
        ("interuption", "did you mean `interruption`?"),
        ("MS9999", "unknown gate `MS9999`"),
    ] {
        let text = diff(&project, "", &["--deny", gate]);
        assert!(text.contains("exit code: 2\n") && text.contains(words), "{text}");
    }
}

#[test]
fn exceptions_apply_to_gates_and_rules() {
    let project = changed("gates-allow");
    let deny = "[diff]\ndeny = [\"unprotected\", \"mass-delete=0\"]\n";
    let allow = |code: &str, what: &str| {
        format!(
            "[[allow]]\ncode = \"{code}\"\nwhat = \"{what}\"\nreason = \"agreed\"\nuntil = \"2026-12-31\"\nwho = \
             \"ann\"\n"
        )
    };
    let text = diff(&project, deny, &[]);
    assert!(text.contains("gate `unprotected` failed") && text.contains("gate `mass-delete=0` failed"), "{text}");
    let both = format!("{}{}", allow("unprotected", "Files"), allow("mass-delete", "*"));
    let text = diff(&project, &format!("{deny}{both}"), &[]);
    assert!(
        text.contains("exit code: 0\n") && text.contains("gate `unprotected` allows `Files` until 2026-12-31: agreed"),
        "{text}"
    );
    // The gate mentions an expired exception. An unused exception causes a warning.
    let text = diff(&project, &format!("{deny}{}", both.replace("2026-12-31", "2026-11-22")), &[]);
    assert!(
        text.contains("exit code: 1\n") && text.contains("(an exception expired on 2026-11-22: meshsynth.toml:5:1)"),
        "{text}"
    );
    let text = diff(&project, &format!("{deny}{both}{}", allow("unprotected", "cache")), &[]);
    let words = "warning: no change requires the exception for `unprotected` in `cache` (meshsynth.toml:17:1)";
    assert!(text.contains("exit code: 0\n") && text.contains(words), "{text}");
    for (config, words) in [
        (allow("unprotectd", "*"), "did you mean `unprotected`?"),
        (allow("MS0999", "*"), "unknown code `MS0999`"),
        (allow("public", "*").replace("who = \"ann\"\n", ""), "an exception in `[[allow]]` is incomplete"),
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
fn exceptions_apply_to_check() {
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
        "[check]\n[[allow]]\ncode = \"{code}\"\nwhat = \"k8s/*\"\nreason = \"old\"\nuntil = \"2026-12-31\"\nwho = \
         \"ann\"\n"
    );
    let text = check(&allow);
    assert!(text.contains("exit code: 0\n") && text.contains("are suppressed until 2026-12-31: old"), "{text}");
    let text = check(&allow.replace("2026-12-31", "2026-11-22"));
    assert!(text.contains("exit code: 1\n") && text.contains("expired on 2026-11-22"), "{text}");
}

/// Returns a program that reports an error with its own exception until a day, and stores its environment variables.
fn allowing(until: &str) -> String {
    let allowed = json!({ "reason": "moves", "until": until, "who": "ann", "source": "src/main.rs:4:9" });
    let place = json!({ "file": "src/main.rs", "line": 9, "column": 5 });
    let mut finding = json!({
        "code": "ACME001", "severity": "error", "message": "`data/orders-db` has no owner", "construct": "data/orders-db",
        "notes": [], "help": null, "allowed": allowed
    });
    finding.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
    let exception = |code: &str, used: bool| json!({ "code": code, "what": "data", "reason": "moves", "until": until, "who": "ann", "source": "src/main.rs:4:9", "used": used });
    let manifest = std::fs::read_to_string(format!("{}/shop/manifest.json", crate::FIXTURES)).unwrap();
    let mut manifest: Value = serde_json::from_str(&manifest).unwrap();
    manifest["exceptions"] = json!([exception("ACME001", true), exception("interruption", false)]);
    format!(
        "{GOOD}\nprintf '%s|%s' \"$MESHSYNTH_SEVERITY\" \"$MESHSYNTH_ALLOW\" > told\n\
         cat > \"$MESHSYNTH_OUT/diagnostics.json\" <<'END'\n[{finding}]\nEND\n\
         cat > \"$MESHSYNTH_OUT/manifest.json\" <<'END'\n{manifest}\nEND\n"
    )
}

#[test]
fn exceptions_of_program_end() {
    let project = Project::new("gates-ended", &allowing("2999-12-31"));
    let text = project.run(&["synth"]);
    assert!(text.contains("exit code: 0\n") && text.contains("0 warnings"), "{text}");
    project.write("shop.sh", &allowing("2020-01-31"));
    let before = project.files();
    let text = project.run(&["synth"]);
    assert!(text.contains("exit code: 1\n") && text.contains("error[ACME001]"), "{text}");
    assert!(text.contains("its exception expired on 2020-01-31 (src/main.rs:4:9): moves"), "{text}");
    assert!(text.contains("warning: the exception for `interruption` in `data` expired on 2020-01-31"), "{text}");
    project.assert_unchanged(&before);
    // A command that needs the output does not start.
    let text = project.run(&["diff", "--base", "none"]);
    assert!(text.contains("exit code: 2\n") && text.contains("has 1 error"), "{text}");
}

#[test]
fn program_exception_applies_below_construct() {
    let project = changed("gates-program");
    let path = "synth.out/shop/manifest.json";
    let manifest = std::fs::read_to_string(project.root.join(path)).unwrap();
    let with = |what: &str| {
        let mut manifest: Value = serde_json::from_str(&manifest).unwrap();
        manifest["exceptions"] = json!([{ "code": "interruption", "what": what, "reason": "at night", "until": "2026-12-31",
            "who": "ann", "source": "src/main.rs:4:9", "used": false }]);
        project.write(path, &manifest.to_string());
        diff(&project, "", &["--deny", "interruption"])
    };
    for what in ["", "data", "data/orders-db"] {
        let text = with(what);
        let words = "gate `interruption` allows `data/orders-db` until 2026-12-31: at night";
        assert!(text.contains("exit code: 0\n") && text.contains(words), "{what}: {text}");
    }
    assert!(with("network").contains("exit code: 1\n"));
    assert!(with("dat").contains("exit code: 1\n"));
}

#[test]
fn program_receives_configuration() {
    let project = Project::new("gates-told", &allowing("2999-12-31"));
    let app = APP.replace("[apps.shop]\n", "[apps.shop]\nenvironments = [\"production\"]\n");
    let script = allowing("2999-12-31");
    project.write("shop.sh", &script);
    let config = "[severity]\nACME001 = \"warning\"\nMS0421 = \"off\"\n[severity.production]\nACME001 = \"error\"\n\
                  [[allow]]\ncode = \"ACME002\"\nwhat = \"data/*\"\nreason = \"old\"\nuntil = \"2999-12-31\"\nwho = \"ann\"\n";
    project.write("meshsynth.toml", &format!("{app}{config}"));
    project.run(&["synth"]);
    let told = std::fs::read_to_string(project.root.join("told")).unwrap();
    assert_eq!(told, "ACME001=error,MS0421=off|ACME002\tdata/*\told\t2999-12-31\tann\tmeshsynth.toml:9:1");
    let text = project.run(&["explain", "MS0421"]);
    assert!(text.contains("In this project: off."), "{text}");
    project.write("meshsynth.toml", &format!("{app}[severity.production]\nMS0421 = \"error\"\n"));
    assert!(project.run(&["explain", "MS0421"]).contains("In this project: production: error."));
    assert!(!project.run(&["explain", "MS0422"]).contains("In this project"));
    for (config, words) in [
        (
            "[severity]\nMS0101 = \"warning\"\n",
            "the severity of `MS0101` cannot be changed, because its findings make the output invalid",
        ),
        ("[severity]\nMS0999 = \"warning\"\n", "unknown code `MS0999`"),
        ("[severity]\nMS0421 = \"warn\"\n", "unknown severity `warn`"),
        ("[severity.prodution]\nMS0421 = \"off\"\n", "did you mean `production`?"),
    ] {
        project.write("meshsynth.toml", &format!("{app}{config}"));
        let text = project.run(&["list"]);
        assert!(text.contains("exit code: 2\n") && text.contains(words), "{text}");
    }
}

#[test]
fn check_table_overrides_project_severities() {
    let project = Project::new("gates-severity", GOOD);
    project.write(
        "k8s/a.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: { name: a, namespace: shop }\nspec:\n  \
         selector: { app: nobody }\n  ports: [{ port: 80 }]\n",
    );
    let check = |config: &str| {
        project.write("meshsynth.toml", &format!("{APP}{config}"));
        project.run(&["check", "k8s", "--complete", "--notes"])
    };
    let text = check("");
    let is_judgement = |code: &str| meshsynth::rules::find(code).is_some_and(meshsynth::rules::Rule::is_judgement);
    let codes = text.split('[').skip(1).filter_map(|rest| rest.split(']').next());
    let code = codes.map(str::to_owned).find(|code| is_judgement(code)).unwrap_or_else(|| panic!("{text}"));
    let as_note = check(&format!("[severity]\n{code} = \"note\"\n"));
    assert!(as_note.contains(&format!("note[{code}]")), "{as_note}");
    let wins = check(&format!("[severity]\n{code} = \"note\"\n[check.severity]\n{code} = \"error\"\n"));
    assert!(wins.contains(&format!("error[{code}]")) && wins.contains("exit code: 1\n"), "{wins}");
}

#[test]
fn lists_all_exceptions() {
    let project = Project::new("gates-list", &allowing("2999-12-31"));
    project.run(&["synth"]);
    project.write("k8s/a.yaml", "# meshsynth: allow MS0802 until 2026-12-01: made elsewhere\nkind: Service\n");
    let allow = |code: &str, until: &str| {
        format!(
            "[[allow]]\ncode = \"{code}\"\nwhat = \"data/*\"\nreason = \"agreed\"\nuntil = \"{until}\"\nwho = \"ann\"\n"
        )
    };
    let config = [
        "[check.namespaces]\n\"k8s\" = \"shop\"\n".to_owned(),
        allow("data-loss", "2026-11-22"),
        allow("public", "2026-12-03"),
        allow("MS0421", "2999-12-31"),
        allow("CKV_AWS_18", "2999-12-31"),
    ];
    project.write("meshsynth.toml", &format!("{APP}{}", config.concat()));
    let text = project.run(&["list", "--exceptions", "--today", "2026-11-23"]);
    assert_shown!("list_exceptions", text);
    let text = project.run(&["list", "--exceptions", "--json", "--today", "2026-11-23"]);
    let told: Value =
        serde_json::from_str(text.split("-- stdout\n").nth(1).unwrap().split("-- stderr").next().unwrap()).unwrap();
    let states: Vec<&str> =
        told["exceptions"].as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap()).collect();
    let wanted = [
        "ended",
        "for changes, ends in 10 days",
        "not needed",
        "for another judge",
        "used",
        "for changes",
        "for `check`, ends in 8 days",
    ];
    assert_eq!(states, wanted);
    // `synth` warns about an unused exception.
    let text = project.run(&["synth"]);
    assert!(
        text.contains(
            "warning: the exception for `MS0421` in `data/*` matches no finding: remove it (meshsynth.toml:17:1)"
        ),
        "{text}"
    );
}

#[test]
fn check_applies_program_exceptions() {
    let project = Project::after_success("gates-assembly", GOOD);
    // A Service whose port is not a number.
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "a", "namespace": "shop" },
        "spec": { "ports": [{ "port": "http" }] } });
    let path = "synth.out/shop/manifest.json";
    let manifest: Value = serde_json::from_str(&std::fs::read_to_string(project.root.join(path)).unwrap()).unwrap();
    let object = manifest["clusters"][0]["objects"][0]["path"].as_str().unwrap().to_owned();
    project.write(&format!("synth.out/shop/{object}"), &service.to_string());
    let check = |exceptions: Value| {
        let mut manifest = manifest.clone();
        manifest["exceptions"] = exceptions;
        project.write(path, &manifest.to_string());
        project.run(&["check", "synth.out/shop", "--today", "2026-11-23"])
    };
    let text = check(json!([]));
    let code = text.split("error[").nth(1).unwrap_or_else(|| panic!("{text}")).split(']').next().unwrap().to_owned();
    let allow = |until: &str| json!([{ "code": code, "what": "", "reason": "old", "until": until, "who": null, "source": "src/main.rs:4:9", "used": true }]);
    let passed = check(allow("2026-12-31"));
    assert!(
        !passed.contains(&format!("error[{code}]")) && passed.contains("are suppressed until 2026-12-31: old"),
        "{passed}"
    );
    assert!(check(allow("2026-11-22")).contains(&format!("error[{code}]")));
}

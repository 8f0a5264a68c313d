//! Reports and exit codes of `meshsynth diff`.

use std::process::Command;

use crate::project::{GOOD, Project, WRITTEN, assert_shown};

/// Creates a project with its last output in `old`, and a new output that opens a port, shrinks and moves resources.
fn changed(case: &str) -> Project {
    let project = Project::after_success(case, GOOD);
    let copied = Command::new("cp").args(["-R", "synth.out", "old"]).current_dir(&project.root).status().unwrap();
    assert!(copied.success());
    project.write(
        "synth.out/shop/data.template.json",
        r#"{ "Resources": {
            "OrdersDb4B5A6978": { "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Type": "AWS::RDS::DBInstance",
                "Properties": { "DBInstanceClass": "db.t4g.micro", "DBName": "orders", "PubliclyAccessible": true } },
            "OrdersDbGroup8796A5B4": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "GroupDescription": "orders-db",
                "VpcId": { "Fn::ImportValue": "shop-network-Vpc" }, "SecurityGroupIngress": [
                { "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "0.0.0.0/0" }] } } } }"#,
    );
    project.write("synth.out/shop/helm/shop/istiod.values.yaml", "pilot:\n  replicaCount: 3\n");
    project.write("shop.sh", WRITTEN);
    project
}

#[test]
fn all_formats_have_same_content() {
    let project = changed("diff-forms");
    assert_shown!("diff", project.run(&["diff", "--base", "old"]));
    assert_shown!("diff_markdown", project.run(&["diff", "--base", "old", "--format", "markdown"]));
    assert_shown!("diff_json", project.run(&["diff", "--base", "old", "--format", "json"]));
    assert_shown!(
        "diff_sarif",
        project.run(&["diff", "--base", "old", "--format", "sarif", "--deny", "data-loss", "--quiet"])
    );
    let html = project.run(&["diff", "--base", "old", "--format", "html"]);
    for words in ["<!doctype html>", "New connections", "AWS::RDS::DBInstance", "prefers-color-scheme: dark"] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("http-equiv=\"refresh\"") && !html.contains("<link") && !html.contains(" src="), "{html}");
    project.write("own.hbs", "{{app}}: {{summary}}\n");
    let own = project.run(&["diff", "--base", "old", "--format", "markdown", "--template", "own.hbs", "--quiet"]);
    assert!(own.contains("-- stdout\nshop: ") && own.lines().count() < 6, "{own}");
    project.write("own.hbs", "{{#each}");
    assert!(
        project
            .run(&["diff", "--base", "old", "--format", "html", "--template", "own.hbs"])
            .contains("the template is broken")
    );
    assert!(
        project.run(&["diff", "--base", "old", "--template", "own.hbs"]).contains("applies only to Markdown and HTML")
    );
}

#[test]
fn gates_and_exit_codes() {
    let project = changed("diff-gates");
    let ended = |args: &[&str]| project.command(args).output().unwrap().status.code();
    assert_eq!(ended(&["diff", "--base", "old"]), Some(0));
    assert_eq!(ended(&["diff", "--base", "old", "--exit-code"]), Some(1));
    assert_eq!(ended(&["diff", "--base", "synth.out", "--exit-code"]), Some(0));
    for gate in ["data-loss", "replace", "access", "public"] {
        assert_eq!(ended(&["diff", "--base", "old", "--deny", gate]), Some(1), "{gate}");
        assert_eq!(ended(&["diff", "--base", "synth.out", "--deny", gate]), Some(0), "{gate}");
    }
}

#[test]
fn reports_newly_broken_reach_rule() {
    let project = changed("diff-reach-rule");
    let apps = std::fs::read_to_string(project.root.join("meshsynth.toml")).unwrap();
    project.write("meshsynth.toml", &format!("{apps}\n[[reach]]\nnever = \"internet\"\nto = \"data/orders-db\"\n"));
    let said = |args: &[&str]| {
        let output = project.command(args).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), output.status.code())
    };
    let (text, code) = said(&["diff", "--base", "old"]);
    assert_eq!(code, Some(0), "{text}");
    let rule = "New violations of reachability rules\n  ! MS1223: it cannot be decided from the files whether `internet` \
         reaches `data/orders-db`";
    assert!(text.contains(rule), "{text}");
    assert!(text.contains("      --> meshsynth.toml:4:1\n"), "{text}");
    for form in ["markdown", "html"] {
        let (text, _) = said(&["diff", "--base", "old", "--format", form]);
        assert!(text.contains("New violations of reachability rules") && text.contains("MS1223"), "{form}: {text}");
    }
    let (text, code) = said(&["diff", "--base", "old", "--format", "json", "--deny", "MS1223"]);
    assert_eq!(code, Some(1));
    assert!(text.contains(r#""broken": ["#) && text.contains(r#""code": "MS1223""#), "{text}");
    // A finding on both sides does not belong to this change.
    let (text, code) = said(&["diff", "--base", "synth.out", "--deny", "MS1223"]);
    assert!(code == Some(0) && !text.contains("MS1223"), "{text}");
}

#[test]
fn exceptions_require_reason_and_end() {
    let project = changed("diff-policy");
    let config = "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n[diff]\ndeny = [\"public\"]\n";
    project.write("meshsynth.toml", config);
    let text = project.run(&["diff", "--base", "old"]);
    assert!(text.contains("exit code: 1\n") && text.contains("gate `public` failed"), "{text}");
    let allow = "[[diff.allow]]\ngate = \"public\"\nwhat = \"*\"\nreason = \"a fair\"\nuntil = \"2026-12-31\"\n";
    project.write("meshsynth.toml", &format!("{config}{allow}"));
    let text = project.run(&["diff", "--base", "old", "--today", "2026-12-31"]);
    assert!(text.contains("exit code: 0\n") && text.contains("until 2026-12-31: a fair"), "{text}");
    let text = project.run(&["diff", "--base", "old", "--today", "2027-01-01"]);
    assert!(
        text.contains("exit code: 1\n") && text.contains("an exception expired on 2026-12-31: meshsynth.toml:5:"),
        "{text}"
    );
    for (from, to, words) in [
        ("reason = \"a fair\"\n", "", "is incomplete"),
        ("2026-12-31", "2026-02-30", "is not a date"),
        ("gate = \"public\"", "gate = \"pubic\"", "did you mean `public`?"),
        ("what =", "where =", "unknown key `where`"),
    ] {
        project.write("meshsynth.toml", &format!("{config}{}", allow.replace(from, to)));
        let text = project.run(&["diff", "--base", "old"]);
        assert!(text.contains("exit code: 2\n") && text.contains(words), "{text}");
    }
    assert!(project.run(&["diff", "--base", "old", "--today", "soon"]).contains("exit code: 2\n"));
}

#[test]
fn comment_fits_limit() {
    for n in [10, 100, 1_000, 5_000] {
        let project = changed("diff-long");
        let row = |idx: usize, class: &str| {
            format!(
                "\"Database{idx}\": {{ \"Type\": \"AWS::RDS::DBInstance\", \"Properties\": {{ \"DBName\": \"{class}{}\", \"Tags\": [\
                 {{ \"Key\": \"k\", \"Value\": \"{}\" }}] }} }}",
                "x".repeat(500),
                class.repeat(400)
            )
        };
        let template = |class: &str| {
            let rows: Vec<String> = (0..n).map(|idx| row(idx, class)).collect();
            format!("{{ \"Resources\": {{ {} }} }}", rows.join(","))
        };
        project.write("old/shop/data.template.json", &template("a"));
        project.write("synth.out/shop/data.template.json", &template("b"));
        let output = project.command(&["diff", "--base", "old", "--format", "markdown"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.chars().count() < 65_536, "{n}: {}", text.chars().count());
        assert_eq!(text.matches("<details").count(), text.matches("</details>").count(), "{n}");
        assert!(n < 1_000 || text.contains(" more\n"), "{n}: what is cut is counted");
        assert!(text.contains(&format!("data at risk in {n}")), "{n}");
    }
}

#[test]
fn reports_sides_that_cannot_be_compared() {
    let project = changed("diff-errors");
    let git = |args: &[&str]| {
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        assert!(Command::new("git").args(who).args(args).current_dir(&project.root).output().unwrap().status.success());
    };
    git(&["init", "--quiet"]);
    project.write(".gitignore", "/synth.out\n/old\n");
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "Without output"]);
    let fails = |args: &[&str], words: &str| {
        let text = project.run(args);
        assert!(text.contains("exit code: 2\n") && text.contains(words) && !text.contains("no changes"), "{text}");
    };
    project.write("shop.sh", "echo no >&2; exit 7");
    git(&["commit", "--quiet", "--all", "--message", "Broken"]);
    project.write("shop.sh", WRITTEN);
    fails(&["diff"], "cannot be run: the program of `shop` ended with exit code 7");
    git(&["rm", "--quiet", "--cached", "meshsynth.toml"]);
    git(&["commit", "--quiet", "--message", "Before meshsynth"]);
    fails(&["diff"], "has neither an output nor a `meshsynth.toml`");
    git(&["reset", "--quiet", "HEAD~2"]);
    fails(&["diff", "--base", "nowhere"], "neither a folder nor a revision");
    project.write("empty/file", "");
    fails(&["diff", "--base", "empty"], "does not contain an assembly");
    let manifest = std::fs::read_to_string(project.root.join("old/shop/manifest.json")).unwrap();
    project.write("old/shop/manifest.json", &manifest.replace("\"app\": \"shop\"", "\"app\": \"blog\""));
    fails(&["diff", "--base", "old"], "is the output of `blog`");
    project.write("old/shop/manifest.json", &manifest.replace("\"format_version\": 1", "\"format_version\": 9"));
    fails(&["diff", "--base", "old"], "has format 9");
    project.write("old/shop/manifest.json", &manifest);
    let template = std::fs::read_to_string(project.root.join("old/shop/data.template.json")).unwrap();
    project.write("old/shop/data.template.json", "{");
    fails(&["diff", "--base", "old"], "is not valid JSON");
    // A sparse file of 2 GiB.
    let huge = std::fs::File::create(project.root.join("old/shop/data.template.json")).unwrap();
    huge.set_len(2 << 30).unwrap();
    fails(&["diff", "--base", "old"], "the limit for an assembly");
    project.write("old/shop/data.template.json", &template);
    std::fs::remove_file(project.root.join("old/shop/network.template.json")).unwrap();
    fails(&["diff", "--base", "old"], "cannot read `network.template.json`");
    // After a commit, the default base is the committed output.
    project.write(".gitignore", "/old\n");
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "With output"]);
    let text = project.run(&["diff", "--exit-code"]);
    assert!(text.contains("exit code: 0\n") && text.contains("no changes") && text.contains("as committed"), "{text}");
}

#[test]
fn compares_every_byte() {
    let project = changed("diff-bytes");
    let template = std::fs::read_to_string(project.root.join("old/shop/data.template.json")).unwrap();
    let long = |end: &str| {
        let text = format!("{{\"Description\": \"{}{end}\",", "é".repeat(100_000));
        template.replacen('{', &text, 1)
    };
    let compared = |text: &str, words: &str| {
        project.write("old/shop/data.template.json", &long("a"));
        std::fs::create_dir_all(project.root.join("new")).unwrap();
        let copied = Command::new("cp").args(["-r", "old/shop", "new"]).current_dir(&project.root).status().unwrap();
        assert!(copied.success());
        project.write("new/shop/data.template.json", text);
        let shown = project.run(&["diff", "--base", "old", "--head", "new/shop"]);
        assert!(shown.contains(words), "{shown}");
    };
    compared(&long("a"), "no changes");
    compared(&long("b"), "Description");
    compared(&long(""), "Description");
    compared(&long("ab"), "Description");
    // The files are not valid UTF-8 separately, although they would be if they were joined.
    let broken = |name: &str, bytes: &[u8], words: &str| {
        std::fs::write(project.root.join("new/shop").join(name), bytes).unwrap();
        let shown = project.run(&["diff", "--base", "old", "--head", "new/shop"]);
        assert!(shown.contains("exit code: 2\n") && shown.contains(words), "{shown}");
    };
    let manifest = std::fs::read_to_string(project.root.join("old/shop/manifest.json")).unwrap();
    let files = manifest.split_once("\"files\"").unwrap().1;
    let paths: Vec<&str> = files.split('"').skip(1).step_by(2).take(2).collect();
    std::fs::write(project.root.join("new/shop").join(paths[1]), b"\xa9").unwrap();
    broken(paths[0], b"\xc3", &format!("cannot read `{}`: it is not valid UTF-8", paths[0]));
    broken(paths[0], b"{}", &format!("cannot read `{}`: it is not valid UTF-8", paths[1]));
}

#[cfg(unix)]
#[test]
fn rejects_special_files() {
    let project = changed("diff-pipe");
    let path = project.root.join("old/shop/data.template.json");
    std::fs::remove_file(&path).unwrap();
    // A pipe without a writer: opening it as a file would block forever.
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    for (base, head) in [("old", "synth.out/shop"), ("old", "old/shop")] {
        let shown = project.run(&["diff", "--base", base, "--head", head]);
        assert!(shown.contains("exit code: 2\n") && shown.contains("`data.template.json` is not a file"), "{shown}");
    }
}

#[test]
fn builds_revision_without_output() {
    let project = changed("diff-build");
    let git = |args: &[&str]| {
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let output = Command::new("git").args(who).args(args).current_dir(&project.root).output().unwrap();
        assert!(output.status.success(), "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "--quiet"]);
    project.write(".gitignore", "/synth.out\n/old\n/target\n");
    project.write("shop.sh", GOOD);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "A program, and no output"]);
    project.write("shop.sh", WRITTEN);
    let files = project.files();
    let built = project.run(&["diff", "--format", "json"]);
    let read = project.run(&["diff", "--format", "json", "--base", "old"]);
    assert!(built.contains("synthesized by its program"), "{built}");
    let rest = |text: &str| text.split_once("\"changed\"").unwrap().1.split("-- stderr").next().unwrap().to_owned();
    let changes =
        |text: &str| rest(text).split_once("\"changes\"").unwrap().1.split("\"denied\"").next().unwrap().to_owned();
    assert_eq!(changes(&built), changes(&read));
    // No files are left over.
    let is_git = |path: &std::path::Path| path.strip_prefix(&project.root).unwrap().starts_with(".git");
    let names = |files: std::collections::BTreeMap<std::path::PathBuf, Option<String>>| {
        files.into_keys().filter(|path| !is_git(path)).collect::<Vec<_>>()
    };
    assert_eq!(names(files), names(project.files()));
    assert_eq!(git(&["worktree", "list"]).lines().count(), 1);
    // An app that does not exist in the revision is completely new.
    project.write(
        "meshsynth.toml",
        "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n[apps.blog]\nrun = [\"sh\", \"blog.sh\"]\n",
    );
    let manifest = std::fs::read_to_string(project.root.join("old/shop/manifest.json")).unwrap();
    let copied = Command::new("cp").args(["-R", "old/shop", "synth.out/blog"]).current_dir(&project.root).status();
    assert!(copied.unwrap().success());
    project.write("synth.out/blog/manifest.json", &manifest.replace("\"app\": \"shop\"", "\"app\": \"blog\""));
    project.write("blog.sh", &WRITTEN.replace("shop", "blog"));
    let text = project.run(&["diff", "blog"]);
    assert!(text.contains("which does not contain `blog`") && text.contains("+ create"), "{text}");
    assert!(project.run(&["diff", "blog", "--base", "none"]).contains("nothing →"));
}

/// The fixture is an old assembly of `genai-demo` in format 1.
#[test]
fn reads_assembly_of_format_1() {
    let project = Project::new("diff-format-1", GOOD);
    project.write("meshsynth.toml", "[apps.genai-demo-staging]\nrun = [\"true\"]\n");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/format-1");
    let text = project.run(&["diff", "--base", folder, "--head", folder, "--exit-code"]);
    assert!(text.contains("exit code: 0\n") && text.contains("no changes"), "{text}");
    let text = project.run(&["diff", "--base", "none", "--head", folder]);
    assert!(text.contains("AWS::RDS::DBInstance (6)") && text.contains("data/order-db"), "{text}");
    // Compared with the current output of the platform.
    let staging = genai_demo::Environment::staging();
    let app = meshsynth::App::new("genai-demo-staging");
    genai_demo::platform(&app, &staging);
    for (path, text) in app.synth().unwrap().files {
        project.write(&format!("today/{path}"), &text);
    }
    let text = project.run(&["diff", "--base", folder, "--head", "today"]);
    assert!(text.contains("exit code: 0\n") && text.contains("AWS: stack data"), "{text}");
    assert!(text.contains("stacks/genai-demo/src/"), "{text}");
}

#[test]
fn reports_changed_smoke_tests() {
    let smoke = |text: &str| {
        format!(
            "{GOOD}\nmkdir -p $MESHSYNTH_OUT/smoke; printf '%s' '{text}' > $MESHSYNTH_OUT/smoke/main.sh\n\
             sed 's#\"files\": \\[#\"files\": [\"smoke/main.sh\",#' $FIXTURES/shop/manifest.json > $MESHSYNTH_OUT/manifest.json"
        )
    };
    let project = Project::new("diff-smoke", &smoke("#!/bin/sh\ncheck \"a: [\"\n"));
    assert!(project.command(&["synth", "--quiet"]).status().unwrap().success());
    let copied = Command::new("cp").args(["-R", "synth.out", "old"]).current_dir(&project.root).status().unwrap();
    assert!(copied.success());
    let said = project.run(&["diff", "--base", "none"]);
    assert!(said.contains("+ create          file smoke/main.sh") && said.contains("exit code: 0"), "{said}");
    project.write("shop.sh", &smoke("#!/bin/sh\ncheck \"b: [\"\n"));
    assert!(project.command(&["synth", "--quiet"]).status().unwrap().success());
    let said = project.run(&["diff", "--base", "old", "--format", "json"]);
    assert!(said.contains("\"path\": \"line 2\"") && said.contains("\"files\": true"), "{said}");
}

//! Compares the output with the deployed state: the binary, and CloudFormation on the loopback interface.

use std::fs;

use crate::endpoint::Endpoint;
use crate::project::{GOOD, Project, WRITTEN, assert_shown};

/// Runs the binary against an endpoint, without the configuration of this machine.
fn run(project: &Project, endpoint: &Endpoint, args: &[&str]) -> String {
    let mut command = project.command(args);
    let nowhere = project.root.join("nowhere");
    for name in ["AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "KUBECONFIG"] {
        command.env_remove(name);
    }
    // The project folder is inside a repository, but git must not find it.
    command.env("GIT_CEILING_DIRECTORIES", project.root.parent().unwrap());
    command.env("AWS_ENDPOINT_URL", &endpoint.address).env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", &nowhere);
    command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "not a secret");
    command.env("AWS_CONFIG_FILE", &nowhere).env("AWS_SHARED_CREDENTIALS_FILE", &nowhere);
    project.show(args, &command.output().unwrap())
}

#[test]
fn compares_with_the_deployed_state() {
    let project = Project::after_success("diff-deployed", WRITTEN);
    let endpoint = Endpoint::start();
    let text = run(&project, &endpoint, &["diff", "--base", "deployed", "--stacks-only"]);
    assert!(text.contains("the deployed state (0 stacks)") && text.contains("+ create"), "{text}");
    let text = run(&project, &endpoint, &["deploy", "--require-approval", "never", "--stacks-only"]);
    assert!(text.contains("exit code: 0\n"), "{text}");
    let text = run(&project, &endpoint, &["diff", "--base", "deployed", "--stacks-only", "--exit-code"]);
    assert!(text.contains("exit code: 0\n") && text.contains("no changes"), "{text}");
    assert!(text.contains("clusters are not compared, because of `--stacks-only`"), "{text}");
    // The output changes, but the deployed state does not.
    let path = project.root.join("synth.out/shop/data.template.json");
    let template = fs::read_to_string(&path).unwrap();
    assert!(template.contains("\"db.t4g.micro\""), "{template}");
    fs::write(&path, template.replace("\"db.t4g.micro\"", "\"db.r8g.large\"")).unwrap();
    assert_shown!("diff_deployed", run(&project, &endpoint, &["diff", "--base", "deployed", "--stacks-only"]));
    // Without a repository, the deployed state is the default base after a deployment from this folder.
    let text = run(&project, &endpoint, &["diff", "--stacks-only"]);
    assert!(text.contains("the deployed state (2 stacks)") && text.contains("1 interruption"), "{text}");
    // Tags identify a stack that the platform no longer contains.
    let manifest = fs::read_to_string(project.root.join("synth.out/shop/manifest.json")).unwrap();
    project.write("synth.out/shop/manifest.json", &manifest.replace("\"shop-network\"", "\"shop-net\""));
    let text = run(&project, &endpoint, &["diff", "--base", "deployed", "--stacks-only"]);
    assert!(text.contains("shop-network") && text.contains("AWS::EC2::VPC"), "{text}");
    endpoint.world.lock().unwrap().find_mut("ap-northeast-1", "shop-data").unwrap().stack.status =
        "UPDATE_IN_PROGRESS".to_owned();
    let text = run(&project, &endpoint, &["diff", "--base", "deployed", "--stacks-only"]);
    assert!(
        text.contains("exit code: 2\n")
            && text.contains("has an operation in progress: its state is `UPDATE_IN_PROGRESS`"),
        "{text}"
    );
}

#[test]
fn violated_gate_prevents_deployment() {
    let project = Project::after_success("deploy-gates", WRITTEN);
    let endpoint = Endpoint::start();
    let deploy = |config: &str, more: &[&str]| {
        project.write("meshsynth.toml", &format!("[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n{config}"));
        run(
            &project,
            &endpoint,
            &[&["deploy", "--require-approval", "never", "--stacks-only", "--no-synth"], more].concat(),
        )
    };
    let deployed = || {
        let world = endpoint.world.lock().unwrap();
        world.stacks.values().map(|kept| kept.template.clone()).collect::<Vec<_>>().join("\n")
    };
    // The first deployment of a platform deletes no resources.
    let text = deploy("[diff]\ndeny = [\"mass-delete=0\", \"interruption\"]\n", &[]);
    assert!(text.contains("exit code: 0\n"), "{text}");
    let before = deployed();
    let path = project.root.join("synth.out/shop/data.template.json");
    let template = fs::read_to_string(&path).unwrap();
    fs::write(&path, template.replace("\"db.t4g.micro\"", "\"db.r8g.large\"")).unwrap();
    // The message equals the message of `diff`. The approval mode does not override the gate.
    let words = "gate `interruption` failed: the change would interrupt `data/orders-db` (it restarts or fails over)";
    for (config, more) in [
        ("[diff]\ndeny = [\"interruption\"]\n", &[][..]),
        ("[diff]\ndeny = [\"public\"]\n[deploy.shop]\ndeny = [\"interruption\"]\n", &[]),
        ("", &["--deny", "interruption"]),
    ] {
        let text = deploy(config, more);
        assert!(text.contains("exit code: 1\n") && text.contains(words), "{text}");
        assert!(
            text.contains("`shop` is not deployed; no stack or cluster was changed") && deployed() == before,
            "{text}"
        );
    }
    let text = run(&project, &endpoint, &["diff", "--base", "deployed", "--stacks-only", "--deny", "interruption"]);
    assert!(text.contains(words), "{text}");
    // The gates of the app override the gates of `diff`. An exception allows one change until it expires.
    let allow = "[diff]\ndeny = [\"interruption\"]\n[[allow]]\ncode = \"interruption\"\nwhat = \
         \"*/orders-db\"\nreason = \"at night\"\n";
    let text = deploy(&format!("{allow}until = \"2020-01-31\"\nwho = \"ann\"\n"), &[]);
    assert!(text.contains("exit code: 1\n") && text.contains("an exception expired on 2020-01-31"), "{text}");
    let text = deploy(&format!("{allow}until = \"2999-12-31\"\nwho = \"ann\"\n"), &[]);
    assert!(text.contains("exit code: 0\n") && text.contains("until 2999-12-31: at night"), "{text}");
    assert_ne!(deployed(), before);
    fs::write(&path, template).unwrap();
    let text = deploy("[diff]\ndeny = [\"interruption\"]\n[deploy.shop]\ndeny = []\n", &[]);
    assert!(text.contains("exit code: 0\n"), "{text}");
    let text = deploy("[deploy.shop]\ndeny = [\"interuption\"]\n", &[]);
    assert!(text.contains("exit code: 2\n") && text.contains("did you mean `interruption`?"), "{text}");
}

#[test]
fn deploys_one_region_at_a_time_within_the_gate() {
    let project = Project::after_success("deploy-by-region", WRITTEN);
    let endpoint = Endpoint::start();
    let path = project.root.join("synth.out/shop/manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    // The network is in another region, and the data stack depends on it.
    for stack in manifest["stacks"].as_array_mut().unwrap() {
        let is_network = stack["id"] == "network";
        stack["region"] = if is_network { "us-east-1".into() } else { "eu-west-1".into() };
        stack["needs"] = if is_network { serde_json::json!([]) } else { serde_json::json!(["network"]) };
    }
    fs::write(&path, manifest.to_string()).unwrap();
    // An import works only within a region.
    let template = path.with_file_name("data.template.json");
    let text = fs::read_to_string(&template).unwrap();
    fs::write(&template, text.replace("\"Fn::ImportValue\": \"shop-network-Vpc\"", "\"Ref\": \"AWS::NoValue\""))
        .unwrap();
    let config = "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n[deploy.shop]\ndeny = [\"regions-at-once=1\"]\nregions = \
         [\"eu-west-1\"]\n";
    project.write("meshsynth.toml", config);
    let deploy = ["deploy", "--require-approval", "never", "--stacks-only", "--no-synth"];
    let text = run(&project, &endpoint, &deploy);
    assert!(
        text.contains("exit code: 1\n")
            && text.contains("the change would affect 2 regions: `eu-west-1` (data), `us-east-1` (network)"),
        "{text}"
    );
    let planned = run(&project, &endpoint, &[&deploy[..], &["--by-region", "--plan", "plan.json"]].concat());
    assert!(planned.contains("exit code: 0\n"), "{planned}");
    let plan: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(project.root.join("plan.json")).unwrap()).unwrap();
    assert_eq!(plan["regions"][0]["ahead"], serde_json::json!(["network"]));
    let text = run(&project, &endpoint, &[&deploy[..], &["--by-region"]].concat());
    assert!(text.contains("exit code: 0\n"), "{text}");
    assert!(
        text.contains("stack `network` (us-east-1) is deployed together with region `eu-west-1`, which requires it"),
        "{text}"
    );
    let places: Vec<String> =
        endpoint.world.lock().unwrap().stacks.keys().map(|(region, name)| format!("{region} {name}")).collect();
    assert_eq!(places, ["eu-west-1 shop-data", "us-east-1 shop-network"]);
    project.write("meshsynth.toml", &config.replace("[\"eu-west-1\"]", "[\"eu-west-2\"]"));
    let text = run(&project, &endpoint, &[&deploy[..], &["--by-region"]].concat());
    assert!(
        text.contains("exit code: 2\n") && text.contains("`shop` has no stack or cluster in the region `eu-west-2`"),
        "{text}"
    );
}

#[test]
fn lists_orphans_and_deletes_them_on_request() {
    let project = Project::after_success("deployed-orphans", WRITTEN);
    let endpoint = Endpoint::start();
    let deploy = ["deploy", "--require-approval", "never", "--stacks-only", "--json"];
    run(&project, &endpoint, &deploy);
    let manifest = fs::read_to_string(project.root.join("synth.out/shop/manifest.json")).unwrap();
    project.write("synth.out/shop/manifest.json", &manifest.replace("\"shop-data\"", "\"shop-store\""));
    let notes = |text: &str| text.lines().filter(|line| line.contains("no longer in the output")).count();
    let text = run(&project, &endpoint, &deploy);
    assert!(text.contains("exit code: 0\n") && notes(&text) == 1, "{text}");
    let status: String =
        run(&project, &endpoint, &["status"]).split("\nthe last deployment").next().unwrap().to_owned();
    let unasked = run(&project, &endpoint, &["destroy", "--orphans"]);
    assert_shown!("orphans", [status, unasked].join("\n"));
    let text = run(&project, &endpoint, &["destroy", "--orphans", "--yes"]);
    assert!(text.contains("exit code: 0\n") && text.contains("destroyed shop: 1 part"), "{text}");
    let text = run(&project, &endpoint, &["destroy", "--orphans", "--yes"]);
    assert!(text.contains("exit code: 0\n") && text.contains("there are no stacks of earlier outputs"), "{text}");
    let left: Vec<String> = endpoint.world.lock().unwrap().stacks.keys().map(|(_, name)| name.clone()).collect();
    assert_eq!(left, ["shop-network", "shop-store"]);
    let text = run(&project, &endpoint, &deploy);
    assert!(text.contains("exit code: 0\n") && notes(&text) == 0, "{text}");
}

#[test]
fn unreadable_cluster_is_never_reported_as_unchanged() {
    let project = Project::after_success("diff-unread", GOOD);
    let endpoint = Endpoint::start();
    run(&project, &endpoint, &["deploy", "--require-approval", "never", "--stacks-only"]);
    let args = ["diff", "--base", "deployed", "--kubeconfig", "nowhere.yaml", "--exit-code"];
    let text = run(&project, &endpoint, &args);
    assert!(text.contains("! objects and releases of cluster `shop`: its inventory cannot be read"), "{text}");
    assert!(text.contains("exit code: 1\n") && text.contains("NOT EVERYTHING WAS COMPARED"), "{text}");
    for form in ["markdown", "json", "html", "sarif"] {
        let text =
            run(&project, &endpoint, &["diff", "--base", "deployed", "--kubeconfig", "nowhere.yaml", "--format", form]);
        assert!(text.to_lowercase().contains("not compared") || text.contains("\"unread\": [\n"), "{form}: {text}");
    }
    let text =
        run(&project, &endpoint, &["diff", "--base", "deployed", "--kubeconfig", "nowhere.yaml", "--deny", "public"]);
    assert!(text.contains("exit code: 1\n") && text.contains("gates cannot be evaluated"), "{text}");
}

#[test]
fn fails_without_comparison_if_aws_does_not_answer() {
    let project = Project::after_success("diff-nobody", GOOD);
    let endpoint = Endpoint { address: "http://127.0.0.1:9".to_owned(), ..Endpoint::start() };
    let text = run(&project, &endpoint, &["diff", "--base", "deployed", "--stacks-only"]);
    assert!(text.contains("exit code: 2\n") && !text.contains("no changes"), "{text}");
}

#[test]
fn policy_violation_prevents_deployment() {
    let project = Project::after_success("deploy-policies", WRITTEN);
    let endpoint = Endpoint::start();
    let policy = "apiVersion: meshsynth.dev/v1\nkind: Policy\nmetadata: { name: small }\nspec:\n  code: ACME010\n\
                  \x20 types: [\"AWS::RDS::DBInstance\"]\n  require: \"properties.DBInstanceClass != 'db.t4g.micro'\"\n\
                  \x20 message: the class is for tests\n";
    project.write("policies/classes.yaml", policy);
    let deploy = |config: &str| {
        let head = "[apps.shop]\nrun = [\"sh\", \"shop.sh\"]\n[policy]\nfiles = [\"policies/*.yaml\"]\n";
        project.write("meshsynth.toml", &format!("{head}{config}"));
        // A CI artifact is checked too, because the policies of its synthesis are unknown.
        run(&project, &endpoint, &["deploy", "--no-synth", "--require-approval", "never", "--stacks-only"])
    };
    let text = deploy("");
    assert!(text.contains("exit code: 1\n") && text.contains("error[ACME010]: the class is for tests"), "{text}");
    assert!(
        text.contains("`shop` is not deployed, because policies deny the change; no stack or cluster was changed"),
        "{text}"
    );
    assert!(endpoint.world.lock().unwrap().find_mut("ap-northeast-1", "shop-data").is_none());
    let text = deploy(
        "[[allow]]\ncode = \"ACME010\"\nwhat = \"*\"\nreason = \"a demonstration\"\nuntil = \"2999-12-31\"\nwho = \
         \"ops\"\n",
    );
    assert!(text.contains("exit code: 0\n"), "{text}");
}

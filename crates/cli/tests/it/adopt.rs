//! `meshsynth adopt` with its corpus: the adopted constructs and the refusals. The command itself proves that the
//! output of the programs equals the corpus, because it builds them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use crate::project::{GOOD, Project, assert_shown};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/adopt");

/// Adopts folders of the corpus without a build; returns the report and the project.
fn adopted(case: &str, folders: &[&str]) -> (Value, Project) {
    let project = Project::new(case, GOOD);
    let sources: Vec<String> = folders.iter().map(|folder| format!("{CORPUS}/{folder}")).collect();
    let mut args = vec!["adopt", "--into", "out", "--name", "corpus", "--no-proof", "--json"];
    args.extend(sources.iter().map(String::as_str));
    let output = project.command(&args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.stdout.is_empty(), "{said}");
    (serde_json::from_slice(&output.stdout).unwrap(), project)
}

fn program(project: &Project, file: &str) -> String {
    fs::read_to_string(project.root.join("out/src").join(file)).unwrap().replace(CORPUS, "[CORPUS]")
}

#[test]
fn adopts_every_template_and_object() {
    let (report, project) = adopted("adopt-all", &["templates", "manifests"]);
    assert_eq!(report["refused"], Value::Array(Vec::new()), "{report}");
    assert_eq!(report["proof"], "not proved");
    let rows = report["resources"].as_array().unwrap();
    let untyped = rows.iter().filter(|row| row["typed"] == false).filter_map(|row| row["type"].as_str());
    let raw: BTreeSet<&str> = untyped.collect();
    let is_known = |name: &&&str| {
        let is_of_macros = name.starts_with("Fn::") || name.ends_with("::MODULE");
        let is_of_others = ["Datadog::Monitors::Monitor", "AWS::Search::Index"].contains(*name);
        is_of_macros || is_of_others || !name.contains("::")
    };
    let other: Vec<&&str> = raw.iter().filter(|name| !is_known(name)).collect();
    assert_eq!(
        other,
        [&"AWS::SQS::Queue"],
        "only what has no type is raw, and what has a function in place of properties"
    );
    assert!(rows.len() > 220, "{} resources and objects", rows.len());
    let files = fs::read_dir(project.root.join("out/src")).unwrap().map(|it| it.unwrap().path());
    for file in files.filter(|it| it.is_file()) {
        let n_lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(n_lines <= 400, "{}: {n_lines} lines", file.display());
    }
}

#[test]
fn writes_idiomatic_programs() {
    let (_, project) = adopted("adopt-programs", &["templates"]);
    assert_shown!("adopt_conditions", program(&project, "conditions.rs"));
    assert_shown!("adopt_keywords", program(&project, "keywords.rs"));
    assert_shown!("adopt_s3", program(&project, "s3.rs"));
    let (_, project) = adopted("adopt-objects", &["manifests/deployment.yaml", "manifests/custom.yaml"]);
    assert_shown!("adopt_objects", program(&project, "cluster.rs"));
}

#[test]
fn combines_resources_into_constructs_and_calls() {
    let (report, project) = adopted("adopt-constructs", &["constructs"]);
    assert_eq!(report["refused"], Value::Array(Vec::new()), "{report}");
    let rows = report["resources"].as_array().unwrap();
    let others: Vec<&str> =
        rows.iter().filter(|row| row["construct"] == false).filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(
        others,
        ["Hosts", "Between", "Nobody", "Subnets", "Ledger", "Joined", "Settings", "Target", "Elsewhere", "Elastic"]
    );
    let adds = |name: &str| rows.iter().find(|row| row["name"] == name).map(|row| row["would_add"].clone()).unwrap();
    assert!(adds("Mails").as_str().unwrap().contains("a dead-letter queue"), "{}", adds("Mails"));
    let nobody = rows.iter().find(|row| row["name"] == "Nobody").unwrap();
    assert_eq!(nobody["became"], "raw", "a custom resource without a provider: {nobody}");
    assert_eq!(adds("MailsPolicy"), "", "what belongs to a construct is that of the template");
    assert_shown!("adopt_constructs_messages", program(&project, "messages.rs"));
    assert_shown!("adopt_constructs_balancers", program(&project, "balancers.rs"));
    assert_shown!("adopt_constructs_custom_resources", program(&project, "custom_resources.rs"));
    assert_shown!("adopt_constructs_data", program(&project, "data.rs"));
    assert_shown!("adopt_constructs_delivery", program(&project, "delivery.rs"));
    assert_shown!("adopt_constructs_events_and_files", program(&project, "events_and_files.rs"));
    assert_shown!("adopt_constructs_functions", program(&project, "functions.rs"));
    assert_shown!("adopt_constructs_kubernetes", program(&project, "kubernetes.rs"));
    assert_shown!("adopt_constructs_names", program(&project, "names.rs"));
    assert_shown!("adopt_constructs_network", program(&project, "network.rs"));
    assert_shown!("adopt_constructs_streams", program(&project, "streams.rs"));
}

#[test]
fn groups_objects_of_workload_and_keeps_shared_ones() {
    let (report, project) = adopted("adopt-workloads", &["manifests/workloads.yaml"]);
    assert_eq!(report["refused"], Value::Array(Vec::new()), "{report}");
    let rows = report["resources"].as_array().unwrap();
    let others = rows.iter().filter(|row| row["construct"] == false);
    let others: Vec<String> =
        others.map(|row| format!("{} {}", row["type"].as_str().unwrap(), row["name"].as_str().unwrap())).collect();
    assert_eq!(
        others,
        [
            "DaemonSet bookshop/type",
            "ServiceAccount bookshop/shared",
            "Service bookshop/all-of-web",
            "Deployment target/namespace"
        ]
    );
    assert_shown!("adopt_workloads", program(&project, "cluster/bookshop.rs"));
    assert_shown!("adopt_workloads_reviews", program(&project, "cluster/reviews.rs"));
}

#[test]
fn removes_server_fields_of_listed_objects() {
    let (report, project) = adopted("adopt-listed", &["manifests/listed-by-kubectl.yaml"]);
    assert_eq!(report["refused"], Value::Array(Vec::new()), "{report}");
    assert_shown!("adopt_listed", program(&project, "cluster.rs"));
}

#[test]
fn writes_definitions_and_long_texts_to_files() {
    let sources = [
        "manifests/alert-rules.yaml",
        "manifests/dashboards.yaml",
        "manifests/definitions.yaml",
        "templates/inline-code.yaml",
    ];
    let (_, project) = adopted("adopt-files", &sources);
    assert_shown!("adopt_files", program(&project, "cluster.rs"));
    assert_shown!("adopt_files_code", program(&project, "inline_code.rs"));
    assert_shown!("adopt_files_definition", program(&project, "files/crds/ponds.garden.example.com.yaml"));
    let code = program(&project, "files/resize-zip-file.py");
    assert!(code.starts_with("print('step 0')\n") && code.ends_with("print('step 44')\n"), "{code}");
}

#[test]
fn adopts_nested_templates_as_stacks() {
    let (report, project) = adopted("adopt-nested", &["nested"]);
    let refused: Vec<&str> = report["refused"].as_array().unwrap().iter().filter_map(|it| it["why"].as_str()).collect();
    let why = "it is the template of a nested stack, but no template among the sources deploys it";
    assert_eq!(refused, [why], "only the template without a parent is missing: {report}");
    let lib = program(&project, "lib.rs");
    assert!(lib.contains("shop::define(app);") && !lib.contains("alarms::define"), "the parent deploys it: {lib}");
    assert_shown!("adopt_nested_parent", program(&project, "shop.rs"));
    assert_shown!("adopt_nested_template", program(&project, "alarms.rs"));
}

#[test]
fn reports_the_missing_share() {
    let project = Project::new("adopt-share", GOOD);
    project.write("mails.yaml", "Resources:\n  Mails: {Type: 'AWS::SQS::Queue'}\n");
    let main = "Resources:\n  Data: {Type: 'AWS::SQS::Queue'}\n  Logs: {Type: 'AWS::SQS::Queue'}\n  Broken: {}\n";
    project.write("main.yaml", main);
    let args = ["adopt", "mails.yaml", "main.yaml", "--into", "out", "--name", "corpus", "--no-proof"];
    let output = project.command(&args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("the program is incomplete: 1 of 4 resources and objects adopted"), "{said}");
    assert!(said.contains("not adopted: main.yaml: `Broken`: a resource requires a `Type`"), "{said}");
    assert!(said.contains("(3 resources)") && !said.contains("changes nothing"), "{said}");
}

#[test]
fn parts_of_a_stack_receive_parameters_as_struct() {
    let project = Project::new("adopt-parameters", GOOD);
    let parameter =
        |n: usize| format!("  Name{n}: {{Type: String, Description: 'The name of topic {n}', Default: a}}\n");
    let topic = |n: usize| {
        format!(
            "  Topic{n}:\n    Type: AWS::SNS::Topic\n    Properties: {{DisplayName: !Ref Name{n}, TopicName: t{n}}}\n"
        )
    };
    let policy = |n: usize| {
        let statement = "          - {Effect: Allow, Action: 'sns:Publish', Resource: !Ref Name1, Condition: {Null: {'aws:x': true}}}\n";
        format!(
            "  Policy{n}:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Version: '2012-10-17'\n        \
             Statement:\n{}",
            statement.repeat(150 + n)
        )
    };
    let all = |of: &dyn Fn(usize) -> String, n: usize| (1..=n).map(of).collect::<String>();
    let resources = format!("Resources:\n{}{}", all(&topic, 3), all(&policy, 3));
    project.write("large.yaml", &format!("Parameters:\n{}{resources}", all(&parameter, 3)));
    project.run(&["adopt", "large.yaml", "--into", "out", "--name", "corpus", "--no-proof"]);
    let parameters = program(&project, "large/parameters.rs");
    assert!(parameters.contains("pub name1: intrinsic::Intrinsic,"), "{parameters}");
    let parts = fs::read_dir(project.root.join("out/src/large")).unwrap();
    let parts: Vec<String> = parts.map(|it| fs::read_to_string(it.unwrap().path()).unwrap()).collect();
    assert!(parts.iter().any(|it| it.contains("parameters: &Parameters") && it.contains("&parameters.name1")));
    assert!(!parts.concat().contains("intrinsic::reference("), "{}", parts.concat());
}

#[test]
fn names_templates_with_same_name_by_folder() {
    let (report, project) = adopted("adopt-folders", &["folders"]);
    assert_eq!(report["resources"].as_array().unwrap().len(), 4, "{report}");
    let stacks = ["billing", "orders", "billing_tables", "orders_tables"];
    for (stack, name) in stacks.iter().zip(["billing", "orders", "billing-tables", "orders-tables"]) {
        let program = program(&project, &format!("{stack}.rs"));
        assert!(program.contains(&format!("stack.adopt(\"{name}\");")), "{program}");
    }
}

#[test]
fn omits_unused_stack_argument() {
    let project = Project::new("adopt-parts", GOOD);
    let statement = |n: usize| {
        format!("          - {{Effect: Allow, Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:*:*:q{n}'}}\n")
    };
    let policy = |id: &str, n_statements: usize| {
        let statements: String = (0..n_statements).map(statement).collect();
        format!(
            "  {id}:\n    Type: AWS::IAM::Policy\n    Properties:\n      PolicyName: {id}\n      Roles: [!Ref Worker]\n      \
             PolicyDocument:\n        Version: '2012-10-17'\n        Statement:\n{statements}"
        )
    };
    let trust =
        "{Statement: [{Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: 'sts:AssumeRole'}]}";
    let role = format!("  Worker:\n    Type: AWS::IAM::Role\n    Properties: {{AssumeRolePolicyDocument: {trust}}}\n");
    let policies: String = [("First", 150), ("Second", 160), ("Third", 170)].map(|(id, n)| policy(id, n)).concat();
    project.write("large.yaml", &format!("Resources:\n{role}{policies}"));
    project.run(&["adopt", "large.yaml", "--into", "out", "--name", "corpus", "--no-proof"]);
    let folder = project.root.join("out/src/large");
    let parts: Vec<String> =
        fs::read_dir(folder).unwrap().map(|it| fs::read_to_string(it.unwrap().path()).unwrap()).collect();
    assert!(parts.len() > 1, "the stack is in several files");
    let taking = |part: &&String| part.contains("stack: &Stack");
    assert_eq!(parts.iter().filter(taking).count(), 1, "{}", parts.concat());
    assert!(parts.iter().any(|it| it.contains("define(worker: &iam::Role)")), "{}", parts.concat());
}

#[test]
fn incomplete_resources_use_raw_types_and_attribute_names() {
    let project = Project::new("adopt-lacking", GOOD);
    let function = "  Handler:\n    Type: AWS::Lambda::Function\n    Properties: {Handler: a.b, Runtime: python3.14}\n";
    let custom = "  Zone:\n    Type: Custom::Zone\n    Properties: {ServiceToken: !GetAtt Handler.Arn}\n";
    let topic = "  Topic:\n    Type: AWS::SNS::Topic\n    Properties: {DisplayName: !Ref Handler}\n";
    project.write("lacking.yaml", &format!("Resources:\n{function}{custom}{topic}"));
    project.run(&["adopt", "lacking.yaml", "--into", "out", "--name", "corpus", "--no-proof"]);
    let program = program(&project, "lacking.rs");
    assert!(program.contains("cfn::Raw::new(\"AWS::Lambda::Function\")"), "{program}");
    assert!(program.contains("handler.attr::<String>(\"Arn\")") && !program.contains("handler.arn()"), "{program}");
}

#[test]
fn reports_unsupported_input_with_its_lines() {
    let (report, _) = adopted("adopt-refused", &["refused", "templates/exports.yaml"]);
    let lines: Vec<String> = report["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let file = Path::new(it["file"].as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned();
            format!("{file}: {}\n", it["why"].as_str().unwrap())
        })
        .collect();
    assert_shown!("adopt_refused", lines.concat());
}

#[test]
fn keeps_transforms_of_template() {
    let (_, project) = adopted("adopt-expanded", &["templates/sam.yaml", "templates/foreach-resources.yaml"]);
    assert_shown!("adopt_sam", program(&project, "sam.rs"));
    assert_shown!("adopt_loops", program(&project, "foreach_resources.rs"));
}

#[test]
fn adopts_thousand_resources_within_seconds() {
    let project = Project::new("adopt-thousand", GOOD);
    let queue = |n: usize| {
        format!(
            "  Queue{n}:\n    Type: AWS::SQS::Queue\n    Properties: {{DelaySeconds: {}, QueueName: !Sub '${{AWS::StackName}}-{n}'}}\n\
             \x20 Topic{n}:\n    Type: AWS::SNS::Topic\n    Properties: {{DisplayName: !GetAtt Queue{n}.Arn}}\n",
            n % 900
        )
    };
    let resources: String = (0..500).map(queue).collect();
    project.write("big.yaml", &format!("AWSTemplateFormatVersion: '2010-09-09'\nResources:\n{resources}"));
    let begin = Instant::now();
    let output = project.command(&["adopt", "big.yaml", "--into", "out", "--no-proof"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The limit is for a debug build. An optimized build takes a tenth of this time.
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
}

#[test]
fn neither_overwrites_files_nor_accepts_empty_input() {
    let (_, project) = adopted("adopt-again", &["templates/exports.yaml"]);
    let before = program(&project, "exports.rs");
    let source = format!("{CORPUS}/templates/exports.yaml");
    let again = project.command(&["adopt", &source, "--into", "out", "--no-proof"]).output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(program(&project, "exports.rs"), before);
    let nothing = format!("{CORPUS}/refused/empty.yaml");
    let nothing = project.command(&["adopt", &nothing, "--into", "empty", "--no-proof"]).output().unwrap();
    assert_eq!(nothing.status.code(), Some(2));
    assert!(!project.root.join("empty").exists());
}

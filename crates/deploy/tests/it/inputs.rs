//! Tests whole commands with invalid inputs, full disks, and secrets in AWS error messages.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use meshsynth_deploy::aws::AwsAccess;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::failure::{Failure, Kind};
use meshsynth_deploy::session::Options;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::{commands, destroy, drift};
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, Turn};
use crate::platform::{Notes, TOKYO, settings, template};
use crate::world::{Badly, Kept};

/// A folder with the assembly of a shop: `network`, `data` with a secret and a size, and a rendered cluster.
struct Machine {
    folder: PathBuf,
    endpoint: String,
    notes: Notes,
    role: Option<String>,
    is_interrupted: fn() -> bool,
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Machine {
    fn new(name: &str, endpoint: &Endpoint) -> Self {
        let folder = std::env::temp_dir().join(format!("meshsynth-inputs-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let (endpoint, notes) = (endpoint.address.clone(), Notes::default());
        let machine = Self { folder, endpoint, notes, role: None, is_interrupted: || false };
        machine.write(0);
        machine
    }

    /// Writes the assembly. `padding` extends the template of `data`.
    fn write(&self, padding: usize) {
        let with = |text: String, parameters: Value| {
            let mut template: Value = serde_json::from_str(&text).unwrap();
            template["Parameters"] = parameters;
            template.to_string()
        };
        let parameters = json!({
            "Password": { "Type": "String", "NoEcho": true, "MinLength": 8 },
            "Size": { "Type": "String", "AllowedValues": ["small", "large"] },
            "Zone": { "Type": "String", "Default": "a" }
        });
        let config = "k8s/run/20-config/configmap-shop.yaml";
        let data = json!({ "host": "${data/db.Host}", "brokers": "${data/events.Brokers}" });
        let object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "shop" }, "data": data })
            .to_string();
        let bindings = json!({
            "${data/db.Host}": { "stack": "data", "output": "Name" },
            "${data/events.Brokers}": {
                "stack": "data", "output": "Events", "lookup": { "call": "kafka:GetBootstrapBrokers", "field": "Tls" }
            }
        });
        let files = [
            ("network.template.json", template(&["Vpc"], 1)),
            ("data.template.json", with(template(&["OrdersDb", "Queue"], 1), parameters) + &" ".repeat(padding)),
            (config, object),
            ("bindings.json", bindings.to_string()),
        ];
        let stack = |id: &str, needs: &[&str]| {
            json!({
                "id": id, "name": format!("shop-{id}"), "region": TOKYO, "needs": needs,
                "template": format!("{id}.template.json"), "resources": {}
            })
        };
        let manifest = json!({
            "format_version": 1, "app": "shop", "files": files.iter().map(|(path, _)| path).collect::<Vec<_>>(),
            "stacks": [stack("network", &[]), stack("data", &["network"])],
            "clusters": [{
                "id": "run", "name": "shop-run", "region": TOKYO, "needs": ["data"],
                "objects": [{ "path": config }], "releases": []
            }]
        });
        for (path, text) in files.into_iter().chain([("manifest.json", manifest.to_string())]) {
            let path = self.folder.join("shop").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn options(&self, run: &str, parameters: &Value) -> Options<'_> {
        let parameters = commands::parameters(&parameters.to_string()).unwrap();
        Options {
            folder: self.folder.join("shop"),
            output: self.folder.clone(),
            settings: Settings { protect: Some(false), parameters, ..settings(run) },
            aws: AwsAccess {
                role: self.role.clone(),
                endpoint: Some(self.endpoint.clone()),
                credentials: Some(Credentials::new("AKIDEXAMPLE", "not a secret", None, None, "test")),
                ..AwsAccess::default()
            },
            bucket: None,
            clusters: ClusterAccess { stacks_only: true, ..ClusterAccess::default() },
            who: "ann@laptop".to_owned(),
            refactors: false,
            breaks_lock: false,
            by_region: None,
            watch: &self.notes,
            is_interrupted: self.is_interrupted,
        }
    }

    /// Runs a deployment that fails before any change, and returns the failure.
    #[track_caller]
    fn refused(&self, run: &str, parameters: &Value) -> Failure {
        let error = commands::deploy(&self.options(run, parameters), None).unwrap_err();
        error.downcast::<Failure>().unwrap()
    }
}

fn good() -> Value {
    json!({ "data": { "Password": "hunter2-hunter2", "Size": "small" } })
}

fn bootstrapped() -> Endpoint {
    let endpoint = Endpoint::start();
    let mut kept = Kept::default();
    kept.stack.name = "meshsynth-bootstrap".to_owned();
    kept.stack.status = "CREATE_COMPLETE".to_owned();
    kept.stack.outputs.insert("Bucket".to_owned(), "templates".to_owned());
    endpoint.world.lock().unwrap().stacks.insert((TOKYO.to_owned(), kept.stack.name.clone()), kept);
    endpoint
}

#[track_caller]
fn assert_untouched(endpoint: &Endpoint) {
    let world = endpoint.world.lock().unwrap();
    let changing = ["CreateChangeSet", "ExecuteChangeSet", "DeleteStack", "s3 PUT"];
    assert!(changing.iter().all(|name| !world.calls.contains_key(*name)), "{:?}", world.calls);
}

#[test]
fn reports_all_invalid_inputs_before_changes() {
    let endpoint = Endpoint::start();
    let machine = Machine::new("wrong", &endpoint);
    machine.write(60_000);
    let given =
        json!({ "dtaa": { "Password": "x" }, "data": { "Pasword": "y", "Size": "tiny" }, "network": { "Cidr": "z" } });
    let mut options = machine.options("run1", &given);
    options.settings.adopt = vec!["shop-nowhere".to_owned()];
    options.settings.stack_policy = Some("{".to_owned());
    let failure = commands::deploy(&options, None).unwrap_err().downcast::<Failure>().unwrap();
    insta::assert_snapshot!(failure, @"
    error: `shop` cannot be deployed because of 8 problems; no operation was started
       = note: stack `data` (ap-northeast-1) has no parameter `Pasword`: its parameters are `Password`, `Size`, `Zone`
       = note: the file has parameter values for `dtaa`, which is not a stack: the output contains `network`, `data`
       = note: stack `network` (ap-northeast-1) has no parameter `Cidr`: its template has no parameters: remove the stack from the file
       = note: `--adopt shop-nowhere` is not the name of a stack of the output: the output contains `shop-network`, `shop-data`
       = note: the stack policy is not valid JSON: EOF while parsing an object at line 1 column 1: correct the file in `stack_policy`
       = note: stack `data` (ap-northeast-1) has no value for its parameter `Password`: set the environment variable `MESHSYNTH_PARAMETER_Password`, or specify a file with `--parameters`
       = note: the value for the parameter `Size` of stack `data` (ap-northeast-1) is not one of `small`, `large`: specify another value; the current value is not shown
       = note: the template of stack `shop-data` (ap-northeast-1) has 60370 bytes, but templates above 51200 bytes must be in S3: run `meshsynth bootstrap --region ap-northeast-1`, or specify a bucket with `--bucket`
       = help: fix all of them, then run the command again
    ");
    assert_untouched(&endpoint);
    // A single error is reported without a list.
    let failure = machine.refused("run2", &json!({ "data": { "Size": "large" } }));
    assert_eq!(failure.notes.len(), 2, "{failure}");
    machine.write(0);
    let failure = machine.refused("run3", &json!({ "data": { "Size": "large" } }));
    assert_eq!(failure.text, "stack `data` (ap-northeast-1) has no value for its parameter `Password`");
    assert_untouched(&endpoint);
    assert!(commands::deploy(&machine.options("run4", &good()), None).unwrap().is_fine());
    // The stack keeps its existing parameter value.
    assert!(commands::deploy(&machine.options("run5", &json!({})), None).unwrap().is_fine());
    // A stack of another owner is detected before other stacks change.
    endpoint.world.lock().unwrap().find_mut(TOKYO, "shop-data").unwrap().stack.tags.clear();
    let failure = machine.refused("run6", &good());
    assert_eq!(failure.text, "stack `shop-data` (ap-northeast-1) exists, but was not created by meshsynth");
}

#[test]
fn unchanged_deployment_needs_documented_number_of_calls() {
    let endpoint = bootstrapped();
    let machine = Machine::new("calls", &endpoint);
    assert!(commands::deploy(&machine.options("run1", &good()), None).unwrap().is_fine());
    endpoint.world.lock().unwrap().calls.clear();
    assert!(commands::deploy(&machine.options("run2", &good()), None).unwrap().is_fine());
    let calls = endpoint.world.lock().unwrap().calls.clone();
    let count = |name: &str| calls.get(name).copied().unwrap_or_default();
    // The lock is checked again before each stack.
    let of_account = count("GetCallerIdentity") + count("s3 PUT") + 1;
    let of_stacks: u32 = calls.values().sum::<u32>() - of_account;
    assert_eq!((of_account, count("s3 PUT")), (4, 2), "{calls:?}");
    assert!(of_stacks <= 2 * 8, "{calls:?}");
    assert_eq!(count("CreateChangeSet"), 2, "{calls:?}");
    assert!(!calls.contains_key("ExecuteChangeSet"), "{calls:?}");
}

#[test]
fn reports_unwritable_record_with_completed_parts() {
    let endpoint = Endpoint::start();
    let machine = Machine::new("full", &endpoint);
    let folder = machine.folder.join(".deploy/shop");
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir_all(folder.join("record.json.new")).unwrap();
    let report = commands::deploy(&machine.options("run1", &good()), None).unwrap();
    assert_eq!(report.done, ["network", "data", "run"]);
    let failure = &report.failed[0].1;
    assert_eq!(failure.text, "`shop` was deployed, but its record cannot be written");
    assert!(failure.cause.contains("cannot write"), "{failure}");
    fs::remove_dir(folder.join("record.json.new")).unwrap();
    assert!(commands::deploy(&machine.options("run3", &good()), None).unwrap().is_fine());
}

#[test]
fn masks_secret_in_aws_error_message() {
    let secret = "p&ss/w\"rd-1";
    let endpoint = Endpoint::start();
    let machine = Machine::new("secret", &endpoint);
    let given = json!({ "data": { "Password": secret, "Size": "small" } });
    let echo = format!("the word {secret} is weak: {}", json!({ "MasterUserPassword": secret }));
    {
        let mut world = endpoint.world.lock().unwrap();
        world.failing.insert("Queue".to_owned(), (1, Badly::RolledBack));
        world.why = echo;
    }
    let report = commands::deploy(&machine.options("run1", &given), None).unwrap();
    let failure = &report.failed[0].1;
    assert!(failure.cause.ends_with(r#"the word *** is weak: {"MasterUserPassword":"***"}"#), "{failure}");
    let journal = fs::read_to_string(machine.folder.join(".deploy/shop/journal.jsonl")).unwrap();
    let event = format!("{:?} {report:?} {journal}", machine.notes.events.borrow());
    assert!(event.contains("***") && !event.contains("w\"rd") && !event.contains("rd-1"), "{event}");
}

#[test]
fn reports_cause_in_one_line() {
    let endpoint = Endpoint::start();
    let mut machine = Machine::new("causes", &endpoint);
    *endpoint.turns.lock().unwrap() = vec![Turn::Skewed; 9];
    let failure = machine.refused("run1", &good());
    assert_eq!(failure.text, "the clock of this machine is wrong, so AWS rejects calls; no operation was started");
    assert!(
        failure.cause.starts_with("`sts:GetCallerIdentity`: SignatureDoesNotMatch: Signature expired"),
        "{failure}"
    );
    assert!(failure.help.starts_with("set the clock of this machine"), "{failure}");
    endpoint.turns.lock().unwrap().clear();
    endpoint.world.lock().unwrap().denies_roles = true;
    machine.role = Some("arn:aws:iam::111122223333:role/deployer".to_owned());
    let failure = machine.refused("run2", &good());
    insta::assert_snapshot!(failure, @"
    error: the role cannot be assumed; no operation was started
       = cause: `sts:AssumeRole`: AccessDenied: User: ann is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/deployer
       = help: allow your identity to assume the role: its trust policy must contain your identity, and your identity's policy must allow `sts:AssumeRole`; or specify another role
    ");
    machine.endpoint = "not a url".to_owned();
    let failure = machine.refused("run3", &good());
    insta::assert_snapshot!(failure, @"
    error: AWS cannot be reached at the specified address; no operation was started
       = cause: `AWS_ENDPOINT_URL` or `endpoint_url` of the profile is not a URL with a scheme and a host: `not a url`
       = help: set the variable or the profile key to an address such as `https://host:443`, or remove it
    ");
}

#[test]
fn renders_given_values_without_network() {
    let endpoint = Endpoint::start();
    let mut machine = Machine::new("render", &endpoint);
    // No server listens at this address.
    machine.endpoint = "http://127.0.0.1:9".to_owned();
    let file = machine.folder.join("outputs.json");
    let render = |given: &Value| {
        fs::write(&file, given.to_string()).unwrap();
        let mut options = machine.options("run1", &json!({}));
        options.aws.credentials = None;
        let begin = Instant::now();
        let rendered = commands::render(&options, Some(&file), None, &machine.folder.join("rendered"));
        assert!(begin.elapsed() < Duration::from_secs(1), "it asked somebody");
        rendered
    };
    let missing = render(&json!({ "dtaa": { "Name": "x" } })).unwrap_err();
    insta::assert_snapshot!(missing, @r#"
    error: 2 values are missing, so no manifest is rendered
       = note: `${data/db.Host}` requires the output `Name` of stack `data`
       = note: `${data/events.Brokers}` requires `Tls` of `kafka:GetBootstrapBrokers`, looked up for the output `Events` of stack `data`
       = note: the file contains `dtaa`, which is not a stack of the output
       = help: add them to the file: {"${data/events.Brokers}":"","data":{"Name":""}}
    "#);
    let given = json!({ "data": { "Name": "db.internal", "Events": "arn:…" }, "${data/events.Brokers}": "b-1:9094" });
    assert_eq!(render(&given).unwrap(), 1);
    let text = fs::read_to_string(machine.folder.join("rendered/k8s/run/20-config/configmap-shop.yaml")).unwrap();
    assert!(text.contains("db.internal") && text.contains("b-1:9094"), "{text}");
    assert!(endpoint.world.lock().unwrap().signers.is_empty());
}

#[test]
fn reports_interruption_before_first_call() {
    let endpoint = Endpoint::start();
    let mut machine = Machine::new("before", &endpoint);
    machine.is_interrupted = || true;
    let options = || machine.options("run1", &good());
    let errors = [
        commands::deploy(&options(), None).map(drop),
        destroy::destroy(&options()).map(drop),
        commands::bootstrap(&options(), &[TOKYO.to_owned()]).map(drop),
        commands::states(&options()).map(drop),
        commands::render(&options(), None, None, &machine.folder.join("rendered")).map(drop),
        drift::drift(&options()).map(drop),
    ];
    for error in errors {
        let failure = error.unwrap_err().downcast::<Failure>().unwrap();
        assert_eq!((failure.kind, failure.text.as_str()), (Kind::Interrupted, "interrupted: no operation was started"));
    }
    assert!(endpoint.world.lock().unwrap().signers.is_empty(), "no call was made");
}

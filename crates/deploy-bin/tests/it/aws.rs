//! Tests AWS errors, proxies and interruptions in the binary.
#![cfg(unix)]

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::endpoint::{Endpoint, Turn};
use crate::project::{GOOD, Project};

/// Returns the binary with an AWS endpoint and without the configuration of this machine.
pub fn command(project: &Project, endpoint: &str, args: &[&str]) -> Command {
    let mut command = project.command(args);
    let nowhere = project.root.join("nowhere");
    for name in ["AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "KUBECONFIG", "NO_PROXY", "no_proxy"] {
        command.env_remove(name);
    }
    command.env("GIT_CEILING_DIRECTORIES", project.root.parent().unwrap());
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", &nowhere);
    command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "not a secret");
    command.env("AWS_CONFIG_FILE", &nowhere).env("AWS_SHARED_CREDENTIALS_FILE", &nowhere);
    command
}

const DEPLOY: [&str; 4] = ["deploy", "--require-approval", "never", "--stacks-only"];

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn reports_missing_profile_and_invalid_endpoint() {
    let project = Project::after_success("aws-causes", GOOD);
    project.write("config", "[profile staging]\nregion = eu-west-1\n");
    let profile = command(&project, "http://127.0.0.1:9", &DEPLOY)
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env("AWS_PROFILE", "stagign")
        .env("AWS_CONFIG_FILE", project.root.join("config"))
        .output()
        .unwrap();
    let text = said(&profile);
    assert!(
        text.contains(
            "`AWS_PROFILE` is `stagign`, but no AWS configuration file contains that profile; did you mean `staging`?"
        ),
        "{text}"
    );
    assert_eq!(profile.status.code(), Some(2), "{text}");
    for address in ["localhost:4566", "not a url", "ftp://x"] {
        let output = command(&project, address, &DEPLOY).output().unwrap();
        let text = said(&output);
        assert!(
            text.contains(&format!("`AWS_ENDPOINT_URL` is not a URL with a scheme and a host: `{address}`")),
            "{text}"
        );
        let n_lines = text.lines().skip_while(|line| !line.starts_with("error: ")).count();
        assert_eq!((output.status.code(), n_lines), (Some(2), 3), "{text}");
    }
    let output = command(&project, "http://127.0.0.1:9", &DEPLOY).env("HTTPS_PROXY", "not a url").output().unwrap();
    assert!(said(&output).contains("`HTTPS_PROXY` is not the address of a proxy"), "{}", said(&output));
}

#[test]
fn uses_the_proxy_of_the_environment() {
    let project = Project::after_success("aws-proxy", GOOD);
    let endpoint = Endpoint::start();
    // The address does not exist, so only the proxy can answer.
    let output =
        command(&project, "http://aws.invalid", &DEPLOY).env("HTTP_PROXY", &endpoint.address).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(endpoint.world.lock().unwrap().calls.contains_key("ExecuteChangeSet"));
    let direct = command(&project, &endpoint.address, &DEPLOY)
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    assert_eq!(direct.status.code(), Some(0), "{}", said(&direct));
}

/// Runs the binary, and sends a signal after `calls` calls. Returns the exit code, stderr and the duration.
fn interrupted(mut command: Command, endpoint: &Endpoint, calls: u32, signal: &str) -> (Option<i32>, String, Duration) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let begin = Instant::now();
    while endpoint.world.lock().unwrap().calls.values().sum::<u32>() < calls
        && begin.elapsed() < Duration::from_secs(30)
    {
        thread::sleep(Duration::from_millis(2));
    }
    if calls == 0 {
        thread::sleep(Duration::from_millis(1_500));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    let begin = Instant::now();
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    (child.wait().unwrap().code(), text, begin.elapsed())
}

#[test]
fn signal_at_any_time_exits_with_130() {
    let project = Project::after_success("aws-signals", GOOD);
    for (calls, signal) in [(1, "-INT"), (3, "-TERM"), (6, "-INT"), (9, "-TERM"), (12, "-INT")] {
        let endpoint = Endpoint::start();
        let (code, text, took) = interrupted(command(&project, &endpoint.address, &DEPLOY), &endpoint, calls, signal);
        assert_eq!(code, Some(130), "{calls}: {text}");
        assert!(text.contains("interrupted: "), "{calls}: {text}");
        assert!(took < Duration::from_secs(8), "{calls}: {took:?}");
        let output = command(&project, &endpoint.address, &DEPLOY).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{calls}: {}", said(&output));
    }
    // Interrupts a read-only command while AWS does not answer.
    let endpoint = Endpoint::start();
    *endpoint.turns.lock().unwrap() = vec![Turn::Silent; 20];
    let child = command(&project, &endpoint.address, &["status"]);
    let (code, text, took) = interrupted(child, &Endpoint::start(), 0, "-TERM");
    assert_eq!(code, Some(130), "{text}");
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[test]
#[expect(clippy::print_stderr, reason = "whoever reads the tests should know what was left out")]
fn first_interrupt_at_a_prompt_ends_the_run() {
    let project = Project::after_success("aws-question", GOOD);
    let endpoint = Endpoint::start();
    let binary = crate::BINARY;
    // `script` provides a terminal. `exec` replaces the shell. Otherwise, the shell would handle the interrupt.
    let command_line = format!("exec {binary} deploy --require-approval always --stacks-only");
    let mut ask = command(&project, &endpoint.address, &[]);
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--return", "--command", &command_line, "/dev/null"]).current_dir(&project.root);
    for (name, value) in ask.arg("").get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    let Ok(mut child) = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn() else {
        eprintln!("`script` is not there, so the question is not asked");
        return;
    };
    let (mut keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut text = String::new();
    let mut is_asked = false;
    let mut buffer = [0; 4096];
    loop {
        let count = screen.read(&mut buffer).unwrap_or(0);
        if count == 0 {
            break;
        }
        text += &String::from_utf8_lossy(&buffer[..count]);
        if !is_asked && text.contains("Deploy it? [y/N]") {
            is_asked = true;
            // Ctrl-C, once.
            keys.write_all(&[3]).unwrap();
        }
    }
    let status = child.wait().unwrap();
    assert!(is_asked, "{text}");
    assert_eq!(status.code(), Some(130), "{text}");
    assert!(text.contains("interrupted: "), "{text}");
    assert!(endpoint.world.lock().unwrap().stacks.is_empty(), "nothing is changed");
}

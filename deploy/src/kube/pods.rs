//! Explains why a pod does not run.

use serde_json::Value;

use super::object::condition;

/// Returns the reason why a pod does not run, and the fix.
pub(super) fn cause(pod: &Value) -> Option<(String, &'static str)> {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(scheduled) = condition(pod, "PodScheduled").filter(|it| it["status"] == "False") {
        let help = "no node can run it: request less, add nodes, or fix its selectors and tolerations; then run again";
        return Some((format!("pod `{name}` is not scheduled: {}", text(&scheduled["message"])), help));
    }
    let lists = ["initContainerStatuses", "containerStatuses"];
    let containers = lists.iter().flat_map(|list| pod["status"][list].as_array().into_iter().flatten());
    for container in containers {
        let called = format!("container `{}` of pod `{name}`", text(&container["name"]));
        let waiting = &container["state"]["waiting"];
        let reason = text(&waiting["reason"]);
        let message = text(&waiting["message"]);
        match reason.as_str() {
            "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" => {
                let help =
                    "the image cannot be pulled: check its name, its tag and who may read the registry, then run again";
                return Some((format!("{called}: `{reason}`: {message}"), help));
            }
            "CrashLoopBackOff" => {
                let last = &container["lastState"]["terminated"];
                let help = "it keeps restarting: read its log, fix it, then run again";
                return Some((
                    format!("{called}: `{reason}`: it ended with {}, {}", last["exitCode"], text(&last["reason"])),
                    help,
                ));
            }
            "CreateContainerConfigError" | "CreateContainerError" => {
                let help = "a Secret or ConfigMap that it names is missing or has no such key: add it, then run again";
                return Some((format!("{called}: `{reason}`: {message}"), help));
            }
            _ => {}
        }
        if container["state"]["running"].is_object() && container["ready"] == false {
            let help =
                "it runs, and its readiness probe does not pass: check the probe and what the container waits for";
            return Some((format!("{called} runs and is not ready"), help));
        }
    }
    None
}

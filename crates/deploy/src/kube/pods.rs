//! Explains why a pod does not run.

use serde_json::Value;

use super::object::condition;

/// Returns the reason why a pod does not run, and the fix.
pub(super) fn cause(pod: &Value) -> Option<(String, &'static str)> {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(scheduled) = condition(pod, "PodScheduled").filter(|it| it["status"] == "False") {
        let help = "no node can run the pod: reduce its requests, add nodes, or fix its selectors and tolerations, \
             then run the command again";
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
                let help = "the image cannot be pulled: check its name, its tag and the registry permissions, then \
                     run the command again";
                return Some((format!("{called}: `{reason}`: {message}"), help));
            }
            "CrashLoopBackOff" => {
                let last = &container["lastState"]["terminated"];
                let help = "the container restarts repeatedly: read its log, fix the cause, then run the command again";
                return Some((
                    format!(
                        "{called}: `{reason}`: the container ended with {}, {}",
                        last["exitCode"],
                        text(&last["reason"])
                    ),
                    help,
                ));
            }
            "CreateContainerConfigError" | "CreateContainerError" => {
                let help = "a referenced Secret or ConfigMap or one of its keys is missing: add it, then run the \
                     command again";
                return Some((format!("{called}: `{reason}`: {message}"), help));
            }
            _ => {}
        }
        if container["state"]["running"].is_object() && container["ready"] == false {
            let help = "the container runs, but its readiness probe fails: check the probe and the dependencies of \
                 the container";
            return Some((format!("{called} runs, but is not ready"), help));
        }
    }
    None
}

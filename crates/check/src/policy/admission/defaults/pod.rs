//! Defaults of pods and pod templates.

use crate::expressions::Tree;

/// The mount path of the service account token.
const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Sets the defaults of a pod, including those of admission plugins.
pub fn set_pod_defaults(tree: &mut Tree) {
    let spec = tree.map_mut("spec");
    set_defaults(spec);
    for key in ["containers", "initContainers"] {
        spec.items_mut(key).iter_mut().for_each(requests_of_limits);
    }
    spec.or_set("serviceAccountName", "default");
    let account = spec.get("serviceAccountName").cloned().unwrap_or_default();
    spec.or_set("serviceAccount", account);
    mount_token(spec);
    if spec.get("priorityClassName").is_none() {
        spec.or_set("priority", 0);
        spec.or_set("preemptionPolicy", "PreemptLowerPriority");
    }
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let is_there = spec.items("tolerations").iter().any(|it| it.text("key") == Some(key));
        if !is_there {
            let toleration = Tree::from([
                ("effect", Tree::from("NoExecute")),
                ("key", Tree::from(key)),
                ("operator", Tree::from("Exists")),
                ("tolerationSeconds", Tree::Int(300)),
            ]);
            spec.push("tolerations", toleration);
        }
    }
}

/// A limit is the default of a missing request.
fn requests_of_limits(container: &mut Tree) {
    let Some(Tree::Map(limits)) = container.at("resources.limits").cloned() else { return };
    let requests = container.map_mut("resources").map_mut("requests");
    for (name, amount) in limits {
        requests.or_set(&name, amount);
    }
}

/// Mounts the service account token into each container, unless the pod disables it.
fn mount_token(spec: &mut Tree) {
    if spec.get("automountServiceAccountToken") == Some(&Tree::Bool(false)) {
        return;
    }
    let name = Tree::unknown("the name of the volume with the token of the service account");
    for key in ["containers", "initContainers"] {
        for container in spec.items_mut(key) {
            let is_there = container.items("volumeMounts").iter().any(|it| it.text("mountPath") == Some(TOKEN));
            if !is_there {
                let mount = Tree::from([
                    ("mountPath", Tree::from(TOKEN)),
                    ("name", name.clone()),
                    ("readOnly", Tree::Bool(true)),
                ]);
                container.push("volumeMounts", mount);
            }
        }
    }
    let sources = Tree::unknown("the sources of the volume with the token of the service account");
    let projected = Tree::from([("defaultMode", Tree::Int(420)), ("sources", sources)]);
    spec.push("volumes", Tree::from([("name", name), ("projected", projected)]));
}

/// Sets the defaults of a pod template.
pub fn set_template_defaults(template: &mut Tree) {
    template.map_mut("metadata");
    set_defaults(template.map_mut("spec"));
}

fn set_defaults(spec: &mut Tree) {
    spec.or_set("dnsPolicy", "ClusterFirst");
    spec.or_set("restartPolicy", "Always");
    spec.or_set("schedulerName", "default-scheduler");
    spec.or_set("securityContext", Tree::empty());
    spec.or_set("terminationGracePeriodSeconds", 30);
    if let Some(account) = spec.get("serviceAccountName").cloned() {
        // The deprecated name of the same field.
        spec.or_set("serviceAccount", account);
    }
    let is_of_host = spec.get("hostNetwork") == Some(&Tree::Bool(true));
    for key in ["containers", "initContainers"] {
        for container in spec.items_mut(key) {
            set_container_defaults(container, is_of_host);
        }
    }
    for container in spec.items_mut("ephemeralContainers") {
        set_container_defaults(container, false);
    }
    spec.items_mut("volumes").iter_mut().for_each(volume);
}

fn set_container_defaults(container: &mut Tree, is_of_host: bool) {
    let policy = match container.get("image") {
        Some(Tree::Text(image)) => Tree::from(if is_latest(image) { "Always" } else { "IfNotPresent" }),
        _ => Tree::unknown("`imagePullPolicy`, which depends on the image"),
    };
    container.or_set("imagePullPolicy", policy);
    container.or_set("resources", Tree::empty());
    container.or_set("terminationMessagePath", "/dev/termination-log");
    container.or_set("terminationMessagePolicy", "File");
    for port in container.items_mut("ports") {
        port.or_set("protocol", "TCP");
        if let (true, Some(number)) = (is_of_host, port.get("containerPort").cloned()) {
            port.or_set("hostPort", number);
        }
    }
    for variable in container.items_mut("env") {
        if let Some(field) = variable.get_mut("valueFrom").and_then(|from| from.get_mut("fieldRef")) {
            field.or_set("apiVersion", "v1");
        }
    }
    for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = container.get_mut(key) {
            for (key, value) in
                [("failureThreshold", 3), ("periodSeconds", 10), ("successThreshold", 1), ("timeoutSeconds", 1)]
            {
                probe.or_set(key, value);
            }
            handler(probe);
        }
    }
    if let Some(lifecycle) = container.get_mut("lifecycle") {
        for key in ["postStart", "preStop"] {
            lifecycle.get_mut(key).into_iter().for_each(handler);
        }
    }
}

/// Sets the defaults of the handler in a probe or a hook.
fn handler(probe: &mut Tree) {
    if let Some(http) = probe.get_mut("httpGet") {
        http.or_set("path", "/");
        http.or_set("scheme", "HTTP");
    }
    if let Some(grpc) = probe.get_mut("grpc") {
        grpc.or_set("service", "");
    }
}

fn volume(volume: &mut Tree) {
    const MODE: i64 = 0o644;
    let has_source = matches!(volume, Tree::Map(map) if map.len() > 1);
    if !has_source {
        volume.or_set("emptyDir", Tree::empty());
    }
    for key in ["configMap", "downwardAPI", "projected", "secret"] {
        if let Some(source) = volume.get_mut(key) {
            source.or_set("defaultMode", MODE);
        }
    }
    if let Some(path) = volume.get_mut("hostPath") {
        path.or_set("type", "");
    }
    if let Some(projected) = volume.get_mut("projected") {
        for source in projected.items_mut("sources") {
            if let Some(token) = source.get_mut("serviceAccountToken") {
                token.or_set("expirationSeconds", 3600);
            }
        }
    }
}

/// Whether the tag of an image is `latest`, which is the default without tag and digest.
fn is_latest(image: &str) -> bool {
    let (name, digest) = image.split_once('@').unwrap_or((image, ""));
    let last = name.rsplit('/').next().unwrap_or_default();
    match last.split_once(':') {
        Some((_, tag)) => tag == "latest",
        None => digest.is_empty(),
    }
}

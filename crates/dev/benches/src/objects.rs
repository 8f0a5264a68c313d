//! Manifests with one namespace for ten services, as `meshsynth diff` compares them without a program.

use std::path::Path;
use std::{fs, io};

/// The number of objects of one service.
const PER_SERVICE: usize = 10;

/// The number of services in one namespace.
const PER_NAMESPACE: usize = 10;

/// Writes about N objects, ten to a file. In the changed variant, every second object differs in one field.
pub fn write(n_objects: usize, is_changed: bool, out: &Path) -> io::Result<()> {
    for idx in 0..n_objects.div_ceil(PER_SERVICE) {
        let namespace = format!("team-{}", idx / PER_NAMESPACE);
        let folder = out.join(&namespace);
        fs::create_dir_all(&folder)?;
        let n_here = PER_SERVICE.min(n_objects - idx * PER_SERVICE);
        let objects = objects(idx, &namespace, is_changed);
        fs::write(folder.join(format!("service-{idx}.yaml")), objects[..n_here].join("---\n"))?;
    }
    Ok(())
}

/// Returns the objects of a service. Each service calls the previous one.
fn objects(idx: usize, namespace: &str, is_changed: bool) -> [String; PER_SERVICE] {
    let name = format!("service-{idx}");
    let caller = format!("service-{}", idx + 1);
    let caller_namespace = format!("team-{}", (idx + 1) / PER_NAMESPACE);
    // Even and odd services change different objects, so that each kind occurs among the changes.
    let pick = |at: usize, old: &'static str, new: &'static str| match is_changed && (at + idx).is_multiple_of(2) {
        true => new,
        false => old,
    };
    let head = |api: &str, kind: &str| {
        format!(
            "apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: {namespace}\n  labels:\n    app: {name}\n"
        )
    };
    [
        format!(
            "{}spec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: {name}\n  template:\n    metadata:\n      labels:\n        app: {name}\n\
             \x20   spec:\n      serviceAccountName: {name}\n      containers:\n      - name: app\n        image: registry.example/{name}:{}\n\
             \x20       ports:\n        - name: http\n          containerPort: 8080\n        envFrom:\n        - configMapRef:\n            name: {name}\n\
             \x20       resources:\n          requests:\n            cpu: 100m\n            memory: 128Mi\n          limits:\n            memory: 256Mi\n",
            head("apps/v1", "Deployment"),
            pick(0, "1.0.0", "1.0.1"),
        ),
        format!(
            "{}spec:\n  selector:\n    app: {name}\n  ports:\n  - name: http\n    port: {}\n    targetPort: 8080\n",
            head("v1", "Service"),
            pick(1, "80", "8080"),
        ),
        format!(
            "{}data:\n  LOG_LEVEL: {}\n  REGION: eu-central-1\n",
            head("v1", "ConfigMap"),
            pick(2, "info", "debug")
        ),
        format!("{}automountServiceAccountToken: {}\n", head("v1", "ServiceAccount"), pick(3, "true", "false")),
        format!(
            "{}spec:\n  podSelector:\n    matchLabels:\n      app: {name}\n  policyTypes:\n  - Ingress\n  ingress:\n  - from:\n\
             \x20   - namespaceSelector:\n        matchLabels:\n          kubernetes.io/metadata.name: {caller_namespace}\n      podSelector:\n        matchLabels:\n          app: {caller}\n\
             \x20   ports:\n    - port: 8080\n{}",
            head("networking.k8s.io/v1", "NetworkPolicy"),
            pick(4, "", "    - port: 9090\n"),
        ),
        format!(
            "{}spec:\n  selector:\n    matchLabels:\n      app: {name}\n  action: ALLOW\n  rules:\n  - from:\n    - source:\n        principals:\n\
             \x20       - cluster.local/ns/{caller_namespace}/sa/{caller}\n    to:\n    - operation:\n        methods:\n        - GET\n{}",
            head("security.istio.io/v1", "AuthorizationPolicy"),
            pick(5, "", "        - POST\n"),
        ),
        format!(
            "{}spec:\n  hosts:\n  - {name}\n  http:\n  - route:\n    - destination:\n        host: {name}\n    timeout: {}\n",
            head("networking.istio.io/v1", "VirtualService"),
            pick(6, "5s", "10s"),
        ),
        format!(
            "{}spec:\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: {name}\n  minReplicas: 2\n  maxReplicas: {}\n\
             \x20 metrics:\n  - type: Resource\n    resource:\n      name: cpu\n      target:\n        type: Utilization\n        averageUtilization: 70\n",
            head("autoscaling/v2", "HorizontalPodAutoscaler"),
            pick(7, "10", "20"),
        ),
        format!(
            "{}rules:\n- apiGroups:\n  - \"\"\n  resources:\n  - configmaps\n  verbs:\n  - get\n{}",
            head("rbac.authorization.k8s.io/v1", "Role"),
            pick(8, "", "  - list\n"),
        ),
        format!(
            "{}roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: {name}\nsubjects:\n- kind: ServiceAccount\n  name: {}{idx}\n  namespace: {namespace}\n",
            head("rbac.authorization.k8s.io/v1", "RoleBinding"),
            pick(9, "service-", "job-"),
        ),
    ]
}

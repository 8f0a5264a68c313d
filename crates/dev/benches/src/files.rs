//! Input of `meshsynth check` for measurements: manifests of N services, a large map, and a large definition.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

/// The number of services in one namespace.
const PER_NAMESPACE: usize = 20;

/// Writes a file for each service, with five objects in it.
pub fn manifests(n_services: usize, out: &Path) -> io::Result<()> {
    for idx in 0..n_services {
        let namespace = format!("team-{}", idx / PER_NAMESPACE);
        let folder = out.join(&namespace);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("service-{idx}.yaml")), service(&namespace, &format!("service-{idx}")))?;
    }
    Ok(())
}

fn service(namespace: &str, name: &str) -> String {
    let metadata = format!("metadata:\n  name: {name}\n  namespace: {namespace}\n  labels:\n    app: {name}\n");
    let labels = format!("app: {name}, version: v1");
    format!(
        "apiVersion: v1\nkind: Service\n{metadata}spec:\n  selector:\n    app: {name}\n  ports:\n  - name: http\n    port: 8080\n\
         ---\napiVersion: apps/v1\nkind: Deployment\n{metadata}spec:\n  selector:\n    matchLabels: {{ {labels} }}\n\
         \x20 template:\n    metadata:\n      labels: {{ {labels} }}\n    spec:\n      containers:\n      - name: {name}\n\
         \x20       image: registry.example/{name}:1.0.0\n        ports:\n        - name: http\n          containerPort: 8080\n\
         \x20       env:\n        - name: LOG_LEVEL\n          value: info\n        resources:\n          requests:\n            cpu: 100m\n\
         \x20           memory: 128Mi\n          limits:\n            memory: 256Mi\n\
         ---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\n{metadata}spec:\n  host: {name}\n  subsets:\n  - name: v1\n\
         \x20   labels:\n      version: v1\n\
         ---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n{metadata}spec:\n  hosts:\n  - {name}\n  http:\n  - route:\n\
         \x20   - destination:\n        host: {name}\n        subset: v1\n    timeout: 5s\n    retries:\n      attempts: 2\n\
         ---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\n{metadata}spec:\n  scaleTargetRef:\n    name: {name}\n  triggers:\n\
         \x20 - type: cron\n    metadata:\n      timezone: Europe/Berlin\n      start: 0 6 * * *\n      end: 0 20 * * *\n      desiredReplicas: \"5\"\n"
    )
}

/// Writes a ConfigMap with this many keys.
pub fn map(n_keys: usize, out: &Path) -> io::Result<()> {
    let mut text =
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: shop\ndata:\n".to_owned();
    for number in 0..n_keys {
        let _ = writeln!(text, "  key-{number:06}: value of {number}");
    }
    fs::create_dir_all(out)?;
    fs::write(out.join("settings.yaml"), text)
}

/// Writes a custom resource definition of about this many kilobytes, with descriptions like those of generated
/// definitions.
pub fn definition(kilobytes: usize, out: &Path) -> io::Result<()> {
    let mut text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: widgets.acme.example\n\
        spec:\n  group: acme.example\n  scope: Namespaced\n  names:\n    kind: Widget\n    listKind: WidgetList\n    plural: widgets\n    singular: widget\n\
        \x20 versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n            properties:\n".to_owned();
    let mut idx = 0;
    while text.len() < kilobytes * 1000 {
        let _ = write!(
            text,
            "              part{idx}:\n                description: The part of this number, as its controller reads it.\n                type: object\n                properties:\n"
        );
        for field in 0..20 {
            let _ = write!(
                text,
                "                  field{field}:\n                    description: |-\n                      What the field is for, in a sentence or two.\n                      More info: https://acme.example/docs\n                    items:\n                      type: object\n                      required:\n                      - name\n                      properties:\n                        name:\n                          type: string\n                          maxLength: 63\n                    type: array\n"
            );
        }
        idx += 1;
    }
    fs::create_dir_all(out)?;
    fs::write(out.join("widgets.yaml"), text)
}

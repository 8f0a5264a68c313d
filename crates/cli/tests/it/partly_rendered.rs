//! `meshsynth diff --render` with a missing tool.

#![cfg(unix)]

use crate::rendered::{KUSTOMIZE, SERVICE, kustomization, project, run};

#[test]
fn missing_tool_does_not_end_the_comparison() {
    let script = KUSTOMIZE.replace("kustomize $*", "kubectl $*");
    let project = project("render-partly", &[("kubectl", &script)]);
    for (side, port) in [("old", "80"), ("new", "81")] {
        kustomization(&project, &format!("{side}/app"), "resources: []\n", &SERVICE.replace("80", port));
        project.write(&format!("{side}/shop/Chart.yaml"), "name: shop\n");
        project.write(&format!("{side}/shop/values.yaml"), &format!("side: {side}\n"));
    }
    let text = run(&project, &["diff", "--base", "old", "--head", "new", "--render"]);
    assert!(text.contains("exit code: 0\n") && text.contains("81"), "{text}");
    assert!(text.contains("Not compared") && text.contains("`helm` is not in PATH"), "{text}");
}

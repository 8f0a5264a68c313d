//! `meshsynth graph`: diagrams of small and large platforms.

use std::collections::BTreeSet;
use std::fs;

use genai_demo::Environment;
use meshsynth::App;
use serde_json::{Value, json};

use crate::project::{GOOD, Project, assert_shown};
use crate::svg::{Drawn, assert_well_formed};

/// Creates a project whose last output is the platform `shop`, synthesized by this test.
fn project(case: &str, define: impl FnOnce(&App)) -> Project {
    let app = App::new("shop");
    define(&app);
    let assembly = app.synth().unwrap_or_else(|failure| panic!("{failure}"));
    let project = Project::new(case, "exit 1");
    for (path, text) in &assembly.files {
        project.write(&format!("synth.out/shop/{path}"), text);
    }
    project
}

fn genai_demo(case: &str) -> Project {
    project(case, |app| genai_demo::platform(app, &Environment::production()))
}

/// Creates a project with a custom graph.
fn made_up(case: &str, graph: &Value) -> Project {
    let project = Project::after_success(case, GOOD);
    project.write("synth.out/shop/graph.json", &graph.to_string());
    project
}

fn draw(project: &Project, format: &str) -> String {
    let output = project.command(&["graph", "--format", format]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn graph(project: &Project) -> Value {
    serde_json::from_str(&fs::read_to_string(project.root.join("synth.out/shop/graph.json")).unwrap()).unwrap()
}

/// Verifies that a diagram is complete and has no overlaps.
#[track_caller]
fn assert_sound(project: &Project) -> Drawn {
    let (text, graph) = (draw(project, "svg"), graph(project));
    assert_well_formed(&text);
    assert_eq!(text, draw(project, "svg"), "the same graph gives the same bytes");
    let drawn = Drawn::read(&text);
    let nodes: BTreeSet<String> = graph["nodes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|it| Some(it["path"].as_str()?.to_owned()))
        .collect();
    let missing: Vec<_> = nodes.difference(&drawn.names).collect();
    assert!(missing.is_empty(), "not drawn: {missing:?}");
    let edges = graph["edges"].as_array().map_or(0, Vec::len);
    assert_eq!(drawn.edges, (0..edges).collect::<Vec<_>>(), "each edge is part of one line or box");
    drawn.assert_apart();
    drawn.assert_around();
    drawn
}

#[test]
fn draws_complete_reference_platform() {
    let drawn = assert_sound(&genai_demo("graph-genai"));
    assert!(drawn.width < 2_000 && drawn.height < 1_400, "{} x {}", drawn.width, drawn.height);
}

#[test]
fn draws_sixty_services() {
    let project = project("graph-sixty", crate::sixty::platform);
    let services = graph(&project)["nodes"].as_array().unwrap().iter().filter(|it| it["kind"] == "workload").count();
    assert_eq!(services, 60);
    let drawn = assert_sound(&project);
    assert!(drawn.width < 4_000 && drawn.height < 4_000, "{} x {}", drawn.width, drawn.height);
    assert_eq!(drawn.shared, 0, "different lines run on one line");
}

#[test]
fn mermaid_matches_snapshot() {
    assert_shown!("graph_mermaid", draw(&genai_demo("graph-mermaid"), "mermaid"));
}

#[test]
fn dot_matches_snapshot() {
    assert_shown!("graph_dot", draw(&genai_demo("graph-dot"), "dot"));
}

#[test]
fn page_contains_reachability() {
    let page = draw(&genai_demo("graph-ways"), "html");
    let line = page.lines().find_map(|line| line.strip_prefix("const known = ")).unwrap();
    let known: Value = serde_json::from_str(line.trim_end_matches(';')).unwrap();
    let ways = known["ways"].as_array().unwrap();
    let has = |from: &str, to: &str| ways.iter().any(|it| it["from"] == from && it["to"] == to);
    assert!(has("services/genai-demo/order", "data/order-db") && has("internet", "services/genai-demo/order"));
    assert!(!has("services/genai-demo/payment", "data/order-db"));
    let way = ways.iter().find(|it| it["to"] == "data/order-db").unwrap();
    let last = way["links"].as_array().unwrap().last().unwrap().as_u64().unwrap();
    assert_eq!(known["links"][usize::try_from(last).unwrap()]["layer"], "login");
    let boxes: BTreeSet<&str> = page.split("data-box=\"").skip(1).filter_map(|it| it.split('"').next()).collect();
    let ends = ways.iter().flat_map(|it| [it["from"].as_str().unwrap(), it["to"].as_str().unwrap()]);
    let lacking: Vec<&str> = ends.filter(|it| *it != "internet" && !boxes.contains(it)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}

#[test]
fn page_is_self_contained() {
    let page = draw(&genai_demo("graph-html"), "html");
    assert!(page.contains("<svg") && page.contains("tabindex=\"0\"") && !page.contains("@@"), "{page}");
    let outside = page.replace("http://www.w3.org/2000/svg", "");
    for word in ["http:", "https:", "src=", "href=", "url(", "import "] {
        assert!(!outside.contains(word), "{word}");
    }
}

#[test]
fn escapes_text() {
    let nasty = "</title><script>alert('1')</script> & \"]}@@title@@";
    let project = made_up(
        "graph-nasty",
        &json!({
            "nodes": [
                { "path": nasty, "kind": "workload", "label": format!("{nasty}\u{1b}"), "detail": nasty, "region": nasty },
                { "path": "b", "kind": nasty, "label": "b\nc", "tier": nasty },
            ],
            "edges": [{ "from": nasty, "to": "b", "kind": "call", "port": 80, "source": nasty }],
        }),
    );
    let drawn = assert_sound(&project);
    assert!(drawn.names.contains(nasty), "{:?}", drawn.names);
    assert_eq!(draw(&project, "html").matches("<script").count(), 1);
    assert!(!draw(&project, "mermaid").contains("<script"));
    assert!(draw(&project, "dot").contains("\\\"]}"));
}

#[test]
fn entry_with_many_targets_is_a_line_in_each_target() {
    let services: Vec<String> = (0..13).map(|idx| format!("service-{idx}")).collect();
    let with = |n: usize| {
        let door = json!({ "path": "door", "kind": "entry", "label": "door" });
        let workload = |path: &String| json!({ "path": path, "kind": "workload", "label": path });
        let edge =
            |to: &String| json!({ "from": "door", "to": to, "kind": "entry", "port": 443, "source": "a.rs:1:1" });
        let nodes: Vec<Value> = std::iter::once(door).chain(services[..n].iter().map(workload)).collect();
        let edges: Vec<Value> = services[..n].iter().map(edge).collect();
        made_up(&format!("graph-fan-{n}"), &json!({ "nodes": nodes, "edges": edges }))
    };
    let (few, many) = (with(12), with(13));
    assert_sound(&few);
    assert_sound(&many);
    assert_eq!(draw(&few, "mermaid").matches("==>").count(), 12);
    let many = draw(&many, "mermaid");
    assert_eq!((many.matches("==>").count(), many.matches("entry path: door").count()), (0, 13), "{many}");
}

#[test]
fn merges_grant_with_network_path() {
    let edge = |from: &str, to: &str, kind: &str| json!({ "from": from, "to": to, "kind": kind, "port": null });
    let node = |path: &str, kind: &str| json!({ "path": path, "kind": kind, "label": path });
    let nodes = [node("a", "workload"), node("b", "workload"), node("db", "database"), node("login", "secret")];
    let edges = [
        edge("a", "db", "data"),
        edge("a", "db", "grant"),
        edge("a", "login", "grant"),
        edge("b", "db", "data"),
        edge("b", "login", "grant"),
    ];
    let project = made_up("graph-grants", &json!({ "nodes": nodes, "edges": edges }));
    assert_sound(&project);
    let text = draw(&project, "svg");
    let lines = |kind: &str| text.matches(&format!("<path class=\"line {kind}\"")).count();
    // The legend has one of each kind.
    assert_eq!((lines("data"), lines("grant")), (2 + 1, 2 + 1));
    assert!(text.contains("a connects to db (with a grant)"), "{text}");
}

#[test]
fn draws_cycles_and_unknown_nodes() {
    let edge =
        |from: &str, to: &str| json!({ "from": from, "to": to, "kind": "call", "port": null, "source": "a:1:1" });
    // Assemblies of older versions list no nodes.
    let old = made_up("graph-old", &json!({ "edges": [edge("x/a", "x/b"), edge("x/b", "x/a"), edge("x/b", "x/b")] }));
    let drawn = assert_sound(&old);
    assert_eq!(drawn.boxes.len(), 2);
    let group = |path: &str, within: &str| json!({ "path": path, "group": true, "kind": "vpc", "within": [within] });
    let round = made_up("graph-round", &json!({ "nodes": [group("a", "b"), group("b", "a")], "edges": [] }));
    assert_well_formed(&draw(&round, "svg"));
    assert_eq!(assert_sound(&made_up("graph-empty", &json!({ "edges": [] }))).boxes.len(), 0);
}

#[test]
fn file_extension_selects_format() {
    let project = genai_demo("graph-file");
    for (file, start) in [("a.svg", "<svg"), ("a.html", "<!doctype html>"), ("a.mmd", "---\n"), ("a.dot", "digraph")] {
        let text = project.run(&["graph", "shop", "--output", file]);
        assert!(text.contains("exit code: 0"), "{text}");
        assert!(fs::read_to_string(project.root.join(file)).unwrap().starts_with(start), "{file}");
    }
}

#[test]
fn reports_graphs_that_cannot_be_drawn() {
    let project = Project::new("graph-none", GOOD);
    assert_shown!("graph_not_synthesized", project.run_in_vain(&["graph"]));
    let project = Project::after_success("graph-broken", GOOD);
    assert_shown!("graph_not_writable", project.run_in_vain(&["graph", "--output", "no/such/folder.svg"]));
    project.write("synth.out/shop/graph.json", "{ \"edges\": 3 }");
    assert_shown!("graph_broken", project.run_in_vain(&["graph", "shop"]));
    project.write("meshsynth.toml", "[apps.shop]\nrun = ['sh', 'shop.sh']\nenvironments = ['staging', 'production']\n");
    assert_shown!("graph_which", project.run_in_vain(&["graph"]));
    assert_shown!("graph_environment", project.run_in_vain(&["graph", "shop", "--env", "staging"]));
}

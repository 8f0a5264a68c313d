//! One hole in each layer of a reference platform. The verdict of that layer's link changes, and the link contains the
//! source location of the hole.

use std::fs;
use std::path::Path;

use meshsynth_reach::world::Files;
use meshsynth_reach::{Answer, Engine, Layer, Link, Source, Target, Verdict, World, find};

use crate::hole::{Case, cases};
use crate::support::{apply, platform};

fn ask(case: &Case, files: &Files) -> Answer {
    let world = World::of(files);
    let engine = Engine::new(&world);
    let source = match case.from {
        "nodes" => Source::Resource(world.of_type("AWS::EKS::Nodegroup")[0]),
        name => find::sources(&world, name).unwrap_or_else(|_| panic!("no {name}")).remove(0),
    };
    let target = match case.action {
        Some(action) => Target::Action(action.to_owned(), world.resources_called(case.to)[0]),
        None => find::targets(&world, case.to, None).unwrap_or_else(|_| panic!("no {}", case.to)).remove(0),
    };
    engine.ask(&source, &target)
}

/// Returns the last link of a layer with a source location.
fn link(answer: &Answer, layer: Layer) -> Option<&Link> {
    answer.chain.iter().rfind(|it| it.layer == layer && it.at.is_some())
}

/// Whether a source location is a line with the expected text, or is in a file that the test created.
fn is_line(at: &str, (file, says): (&str, &str)) -> bool {
    let mut parts = at.split(':');
    let (Some(path), Some(line)) = (parts.next(), parts.next().and_then(|it| it.parse::<usize>().ok())) else {
        return false;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match fs::read_to_string(root.join(path)) {
        Ok(text) => path == file && text.lines().nth(line - 1).is_some_and(|it| it.contains(says)),
        Err(_) => at == format!("{file}:{says}"),
    }
}

#[test]
fn answer_names_the_changed_layer_and_its_line() {
    let cases = cases();
    let layers: Vec<Layer> = cases.iter().map(|it| it.layer).collect();
    assert_eq!(layers, Layer::ALL);
    let mut wrong = Vec::new();
    for case in cases {
        let mut files = Files::read(&platform(case.platform)).expect("a platform");
        (case.closed)(&mut files);
        let before = ask(&case, &files);
        (case.hole)(&mut files);
        let after = ask(&case, &files);
        let of = |answer: &Answer| answer.chain.iter().filter(|it| it.layer == case.layer).map(|it| it.verdict).max();
        let at = link(&after, case.layer).and_then(|it| it.at.as_ref()).map(|it| it.source.as_str());
        let found = (of(&before), of(&after), at.is_some_and(|at| is_line(at, case.line)));
        if found != (Some(Verdict::Denied), Some(Verdict::Allowed), true) {
            let chain = |answer: &Answer| -> Vec<String> {
                let say = |it: &Link| format!("{:?} {:?} {} {}: {}", it.verdict, it.layer, it.what, it.field, it.why);
                answer.chain.iter().map(say).collect()
            };
            wrong.push(format!("{:?} {found:?}: {:#?} then {:#?}", case.layer, chain(&before), chain(&after)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn applying_the_fixes_reverses_the_answer() {
    let mut wrong = Vec::new();
    for case in cases() {
        let mut files = Files::read(&platform(case.platform)).expect("a platform");
        (case.closed)(&mut files);
        (case.hole)(&mut files);
        let before = ask(&case, &files);
        for edit in before.fixes.iter().filter_map(|it| it.edit.as_ref()) {
            apply(&mut files, edit);
        }
        let after = ask(&case, &files);
        let say = |it: &Answer| it.fixes.iter().map(|it| format!("{} {}\n", it.what, it.change)).collect::<String>();
        let is_turned = match before.verdict {
            Verdict::Denied => after.verdict != Verdict::Denied || before.fixes.iter().any(|it| it.edit.is_none()),
            _ => after.verdict == Verdict::Denied,
        };
        if !is_turned || before.verdict == Verdict::Unknown {
            wrong.push(format!("{:?} {:?} {:?}:\n{}", case.layer, before.verdict, after.verdict, say(&before)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

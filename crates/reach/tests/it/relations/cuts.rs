//! Denied relations.

use meshsynth_reach::relations::broken;
use meshsynth_reach::world::{At, Files};
use meshsynth_reach::{Engine, Verdict, World};

use super::cut::cuts;
use crate::platforms::PLATFORMS;
use crate::support::{apply, platform, read};

#[test]
fn reference_platforms_have_no_denied_relations() {
    for name in PLATFORMS {
        let world = read(name);
        let engine = Engine::new(&world);
        let found: Vec<String> =
            broken(&engine).iter().map(|it| format!("{:?} {:?} {:#?}", it.edge, it.action, it.answer.chain)).collect();
        assert!(found.is_empty(), "{name}: {}", found.join("\n"));
    }
}

#[test]
fn reports_cause_of_denied_relation_with_its_line() {
    let mut wrong = Vec::new();
    for cut in cuts() {
        let mut files = Files::read(&platform(cut.platform)).expect("a platform");
        (cut.change)(&mut files);
        let world = World::of(&files);
        let engine = Engine::new(&world);
        let found = broken(&engine);
        let is_it = |from: &str, to: &str| (from, to) == cut.edge;
        let Some(it) = found.iter().find(|it| is_it(&it.edge.from, &it.edge.to)) else {
            wrong.push(format!(
                "{}: not found among {:?}",
                cut.name,
                found.iter().map(|it| it.edge).collect::<Vec<_>>()
            ));
            continue;
        };
        let link = it.answer.chain.iter().find(|it| it.verdict == Verdict::Denied && it.layer == cut.layer);
        let line = link.and_then(|it| it.at.as_ref()).map(At::to_string).unwrap_or_default();
        let is_named = link.is_some_and(|it| it.what.starts_with(cut.by.0)) && line.starts_with(cut.by.1);
        if !is_named || it.edge.source.is_empty() || it.answer.fixes.is_empty() {
            wrong.push(format!(
                "{}: {line} {:?} {:#?}",
                cut.name,
                it.answer.fixes,
                it.answer.deciding().collect::<Vec<_>>()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The suggested fix opens the relation again. If a fix only contains a location, the test stops there.
#[test]
fn fixes_open_denied_relations() {
    let mut wrong = Vec::new();
    for cut in cuts() {
        let mut files = Files::read(&platform(cut.platform)).expect("a platform");
        (cut.change)(&mut files);
        let is_cut = |files: &Files| -> Option<Vec<meshsynth_reach::Fix>> {
            let world = World::of(files);
            let found = broken(&Engine::new(&world));
            let it = found.into_iter().find(|it| (it.edge.from.as_str(), it.edge.to.as_str()) == cut.edge)?;
            Some(it.answer.fixes)
        };
        // Each fix opens one action, so a grant with several actions requires several fixes.
        for _ in 0..12 {
            let Some(fixes) = is_cut(&files) else { break };
            if fixes.iter().any(|it| it.edit.is_none()) {
                break;
            }
            fixes.iter().filter_map(|it| it.edit.as_ref()).for_each(|it| apply(&mut files, it));
        }
        if let Some(fixes) = is_cut(&files)
            && fixes.iter().all(|it| it.edit.is_some())
        {
            wrong.push(format!("{}: {fixes:?}", cut.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

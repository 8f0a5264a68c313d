//! The pages of constructs are current and complete.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use meshsynth_reference::page::{self, Page};
use meshsynth_reference::source::Library;
use meshsynth_reference::summary;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").canonicalize().expect("the repository is there")
}

/// Returns the pages, which are generated once for all tests.
fn pages() -> &'static [Page] {
    static PAGES: OnceLock<Vec<Page>> = OnceLock::new();
    PAGES.get_or_init(|| page::all(&Library::read(&root()), &root()))
}

/// Returns every file that is generated from the pages, by its path in the repository.
fn made(pages: &[Page]) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> =
        pages.iter().map(|page| (format!("docs/constructs/{}", page.file), page.text.clone())).collect();
    files.insert("docs/constructs.md".to_owned(), summary::list(&Library::read(&root()), pages));
    let book = fs::read_to_string(root().join("docs/SUMMARY.md")).expect("the book has a summary");
    let (before, rest) = book.split_once(summary::BEGIN).expect("the summary has a section for the constructs");
    let (_, after) = rest.split_once(summary::END).expect("the section has an end marker");
    let chapters = summary::chapters(pages);
    files.insert("docs/SUMMARY.md".to_owned(), [before, summary::BEGIN, &chapters, summary::END, after].concat());
    files
}

#[test]
fn the_pages_are_current() {
    let files = made(pages());
    let folder = root().join("docs/constructs");
    let is_update = std::env::var_os("UPDATE_DOCS").is_some();
    let mut stale = Vec::new();
    for (path, text) in &files {
        let place = root().join(path);
        if is_update {
            fs::create_dir_all(place.parent().expect("the file is in a folder")).expect("the folder can be created");
            fs::write(&place, text).expect("the page can be written");
        } else if fs::read_to_string(&place).unwrap_or_default() != *text {
            stale.push(path.clone());
        }
    }
    for entry in fs::read_dir(&folder).expect("there are pages").flatten() {
        let path = format!("docs/constructs/{}", entry.file_name().to_string_lossy());
        match is_update {
            _ if files.contains_key(&path) => {}
            true => fs::remove_file(entry.path()).expect("the page of a construct that is gone can be removed"),
            false => stale.push(path),
        }
    }
    assert!(stale.is_empty(), "these are stale: UPDATE_DOCS=1 cargo test -p meshsynth-reference\n{}", stale.join("\n"));
}

#[test]
fn every_construct_has_complete_documentation() {
    let pages = pages();
    assert!(pages.len() > 70, "only {} constructs were found in the sources", pages.len());
    let lacks = pages.iter().flat_map(|page| page.lacks.iter().map(move |lack| format!("{}: {lack}", page.name)));
    let lacks: Vec<String> = lacks.collect();
    assert!(lacks.is_empty(), "complete their doc comments:\n{}", lacks.join("\n"));
}

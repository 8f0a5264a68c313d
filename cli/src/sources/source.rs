//! One file that is read, and what is known about it beside its text.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use meshsynth::Env;

/// What the command line names.
#[derive(Clone, Debug)]
pub enum Given {
    /// A folder or a file.
    Path(PathBuf),
    /// What is piped in, by the name `-`.
    Stdin,
}

/// The text of a file and what it is called.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path, as the command line began it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The line and the column of the first byte that is not UTF-8, where there is one.
    pub not_utf8: Option<(u32, u32)>,
    /// The stack that it is the template of, where something says so.
    pub stack: Option<StackOf>,
    /// The namespace of objects that name none, where what delivers the file says so.
    pub namespace: Option<String>,
    /// Where the text is rendered from, where it is.
    pub rendered: Option<Rendered>,
    /// Whether its objects were asked for by their names, and are not all that a cluster listed.
    pub is_by_name: bool,
}

/// What a text is rendered from.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The folder of the kustomization or of the chart.
    pub folder: PathBuf,
    /// The files that parts of the text come from, by the line where the part begins; none where the tool does not tell.
    pub origins: BTreeMap<u32, String>,
}

/// What a stack is called, and where it is deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackOf {
    /// Its name.
    pub name: String,
    /// Its account and its region.
    pub env: Env,
    /// Its path in the program of the AWS CDK, with which those of its resources begin.
    pub path: String,
    /// Whether something tells the region.
    pub is_region_known: bool,
}

impl Source {
    pub fn new(name: String, bytes: Vec<u8>) -> Self {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (text, not_utf8) = match utf16(&bytes).map_or_else(|| String::from_utf8(bytes), Ok) {
            Ok(text) => (without_tabs(text), None),
            Err(error) => {
                let end = error.utf8_error().valid_up_to();
                let before = &error.as_bytes()[..end];
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                (text, Some((number(line), number(column))))
            }
        };
        Self { name, text, not_utf8, stack: None, namespace: None, rendered: None, is_by_name: false }
    }
}

/// A text in UTF-16, as `>` of Windows PowerShell writes what a tool prints: it begins with a byte-order mark.
fn utf16(bytes: &[u8]) -> Option<String> {
    let unit = match bytes.get(..2)? {
        [0xff, 0xfe] => u16::from_le_bytes,
        [0xfe, 0xff] => u16::from_be_bytes,
        _ => return None,
    };
    let (pairs, rest) = bytes[2..].as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units).ok().filter(|_| rest.is_empty())
}

/// JSON may be indented with tabs, which YAML does not take. In its texts there are none.
fn without_tabs(text: String) -> String {
    let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
    if is_json && text.contains('\t') { text.replace('\t', " ") } else { text }
}

/// The kind of a path that is neither a file nor a folder. A path of the shell, such as that of `<(kustomize build .)`, has a
/// writer and an end.
fn endless(path: &Path) -> Option<&'static str> {
    let of_the_shell = ["/dev/fd", "/dev/stdin", "/proc"];
    let kind = fs::metadata(path).ok()?.file_type();
    let is_plain = kind.is_file() || kind.is_dir() || of_the_shell.iter().any(|it| path.starts_with(it));
    (!is_plain).then(|| special(kind))
}

#[cfg(unix)]
fn special(kind: fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match () {
        () if kind.is_fifo() => "a named pipe",
        () if kind.is_socket() => "a socket",
        () => "a device",
    }
}

#[cfg(not(unix))]
fn special(_: fs::FileType) -> &'static str {
    "neither a file nor a folder"
}

impl From<&PathBuf> for Given {
    fn from(path: &PathBuf) -> Self {
        if path.as_os_str() == "-" { Given::Stdin } else { Given::Path(path.clone()) }
    }
}

/// The text of one file.
///
/// # Errors
///
/// If the file cannot be read, or if it is a named pipe or a device: reading one may never end.
pub fn source(path: &Path) -> Result<Source> {
    if let Some(kind) = endless(path) {
        bail!("it is {kind}: write its content to a file, or give `-` and pipe the content in");
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Source::new(path.display().to_string(), bytes))
}

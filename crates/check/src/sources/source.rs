//! A file with its text and further properties.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use meshsynth::Env;

/// An argument of the command line.
#[derive(Clone, Debug)]
pub enum Given {
    /// A folder or a file.
    Path(PathBuf),
    /// Standard input: the argument `-`.
    Stdin,
}

/// The text and the properties of a file.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path with the prefix of the command line.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The line and the column of the first invalid UTF-8 byte.
    pub not_utf8: Option<(u32, u32)>,
    /// The stack of the template, if it is known.
    pub stack: Option<StackOf>,
    /// The default namespace of the file, if the delivery tool specifies one.
    pub namespace: Option<String>,
    /// The source of the text, if it is rendered.
    pub rendered: Option<Rendered>,
    /// Whether its objects were requested by name, instead of all objects of a cluster.
    pub is_by_name: bool,
}

/// The source of a rendered text.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The folder of the kustomization or of the chart.
    pub folder: PathBuf,
    /// The source files of the text by first line; empty if the tool does not report them.
    pub origins: BTreeMap<u32, String>,
}

/// The name and the location of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackOf {
    /// The name.
    pub name: String,
    /// The account and the region.
    pub env: Env,
    /// The path of the stack in an AWS CDK program, which is the prefix of its resource paths.
    pub path: String,
    /// Whether the region is known.
    pub is_region_known: bool,
}

impl Source {
    /// Creates a source from the content of a file, in UTF-8 or UTF-16.
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

/// Decodes UTF-16 with a byte-order mark, which redirection with `>` in Windows PowerShell writes.
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

/// Replaces the tabs of indented JSON, which are invalid in YAML. JSON strings cannot contain tabs.
fn without_tabs(text: String) -> String {
    let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
    if is_json && text.contains('\t') { text.replace('\t', " ") } else { text }
}

/// Returns the kind of a path that may never end, or `None` for files, folders and paths of the shell, such as
/// `<(kustomize build .)`.
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

/// Reads one file.
///
/// # Errors
///
/// If the file cannot be read, or if it is a named pipe or a device, because reading it may never end.
pub fn source(path: &Path) -> Result<Source> {
    if let Some(kind) = endless(path) {
        bail!("it is {kind}: write its content to a file, or specify `-` and pipe the content to stdin");
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Source::new(path.display().to_string(), bytes))
}

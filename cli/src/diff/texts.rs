//! The files of an assembly as they are written, read on all cores; nothing is parsed but the list of them.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::{Result, bail};

use crate::assembly::{self, MANIFEST};
use crate::os;
use crate::problem::Problem;
use crate::shell::bytes;

/// More than this is no assembly that anybody deploys.
const MAX_BYTES: u64 = 1 << 30;
/// So many files are worth a thread.
const PER_THREAD: usize = 500;
pub const BINDINGS: &str = "bindings.json";
const GRAPH: &str = "graph.json";

/// An assembly in memory. What two of them have in common is there once, and known to be the same by its address.
#[derive(Debug)]
pub struct Texts {
    /// What it is, for people.
    pub label: String,
    /// The name of the app, its environment included.
    pub app: String,
    pub manifest: Arc<str>,
    pub bindings: Arc<str>,
    /// Empty where nothing tells: an assembly without a picture still compares.
    pub graph: Arc<str>,
    pub files: BTreeMap<String, Arc<str>>,
}

impl Texts {
    /// Reads an assembly with everything that its manifest lists, beside another one that it may be like.
    pub fn read(folder: &Path, label: String, like: Option<&Texts>) -> Result<Self> {
        let reader = Reader { folder, total: AtomicU64::new(0) };
        let mut buffer = Vec::new();
        let manifest = reader.read(MANIFEST, like.map(|it| &it.manifest), &mut buffer)?;
        let outline = assembly::outline(&manifest)?;
        let known = |path: &str| like.and_then(|it| it.files.get(path));
        let files = reader.all(outline.files, &known)?;
        let bindings = reader.read(BINDINGS, like.map(|it| &it.bindings), &mut buffer)?;
        let graph = reader.read(GRAPH, like.map(|it| &it.graph), &mut buffer).unwrap_or_else(|_| Arc::from(""));
        Ok(Self { label, app: outline.app, manifest, bindings, graph, files })
    }

    /// Whether all that is deployed is the same in both, byte by byte.
    pub fn is_like(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.manifest, &other.manifest)
            && Arc::ptr_eq(&self.bindings, &other.bindings)
            && self.files.len() == other.files.len()
            && self.files.values().zip(other.files.values()).all(|(one, other)| Arc::ptr_eq(one, other))
    }
}

struct Reader<'a> {
    folder: &'a Path,
    total: AtomicU64,
}

impl Reader<'_> {
    fn all<'a>(
        &self,
        paths: Vec<String>,
        like: &(dyn Fn(&str) -> Option<&'a Arc<str>> + Sync),
    ) -> Result<BTreeMap<String, Arc<str>>> {
        let some = |paths: &[String]| -> Result<Vec<Arc<str>>> {
            let mut buffer = Vec::new();
            paths.iter().map(|path| self.read(path, like(path), &mut buffer)).collect()
        };
        let n_threads = thread::available_parallelism().map_or(1, usize::from).min(paths.len() / PER_THREAD).max(1);
        let chunks = paths.chunks(paths.len().div_ceil(n_threads).max(1));
        let texts = thread::scope(|scope| {
            let threads: Vec<_> = chunks.map(|paths| scope.spawn(move || some(paths))).collect();
            threads.into_iter().map(|thread| thread.join().expect("reading files never panics")).collect::<Vec<_>>()
        });
        let mut all = Vec::with_capacity(paths.len());
        for chunk in texts {
            all.extend(chunk?);
        }
        Ok(paths.into_iter().zip(all).collect())
    }

    /// A file; the very text of the other side where that is the same.
    fn read(&self, path: &str, like: Option<&Arc<str>>, buffer: &mut Vec<u8>) -> Result<Arc<str>> {
        assembly::check_inside(path)?;
        let file = os::open_file(&self.folder.join(path)).map_err(|error| broken(path, &error))?;
        let metadata = file.metadata().map_err(|error| broken(path, &error))?;
        if !metadata.is_file() {
            bail!("`{path}` is no file");
        }
        let length = metadata.len();
        let sum = self.total.fetch_add(length, Ordering::Relaxed) + length;
        if sum > MAX_BYTES {
            let text = format!("it is larger than {}, too large for an assembly", bytes(MAX_BYTES));
            return Err(Problem::setting(text)
                .help("is it the right folder? A platform of 1000 services has 30 MB")
                .into());
        }
        // As long as it was said to be: thousands of files are worth a call less each.
        buffer.clear();
        let wanted = usize::try_from(length).unwrap_or_default();
        buffer.reserve_exact(wanted);
        file.take(length).read_to_end(buffer).map_err(|error| broken(path, &error))?;
        if buffer.len() != wanted {
            return Err(broken(path, &"it became shorter while it was read"));
        }
        match like {
            Some(like) if like.as_bytes() == buffer.as_slice() => Ok(Arc::clone(like)),
            _ => Ok(Arc::from(std::str::from_utf8(buffer).map_err(|error| broken(path, &error))?)),
        }
    }
}

fn broken(path: &str, error: &dyn Display) -> anyhow::Error {
    anyhow::anyhow!("cannot read `{path}`: {error}")
}

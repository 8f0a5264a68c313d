//! Reads thousands of small files on all cores, and shares the texts that another assembly has too.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;

use anyhow::{Result, bail};
use meshsynth_model::problem::Problem;
use meshsynth_model::words::bytes;

use crate::text::Text;

/// The maximum size of an assembly.
const MAX_BYTES: u64 = 1 << 30;
/// The number of files for each thread.
const PER_THREAD: usize = 500;
/// The number of files for each sheet, and its reserved size. Reserved memory is not allocated until it is written.
const PER_SHEET: usize = 250;
const SHEET: usize = 1 << 20;
/// The number of bytes for each read. Most files are shorter, so one read also shows their length.
const PIECE: usize = 1 << 16;

/// A reader for the files of one folder.
pub struct Reader<'a> {
    folder: &'a Path,
    total: AtomicU64,
}

impl<'a> Reader<'a> {
    pub fn new(folder: &'a Path) -> Self {
        Self { folder, total: AtomicU64::new(0) }
    }

    /// Reads a file. Returns the text of the other side if both are identical.
    pub fn one(&self, path: &str, like: Option<&Text>) -> Result<Text> {
        let mut texts = self.some(&[path], &|_| like)?;
        Ok(texts.remove(0))
    }

    /// Reads files on all cores.
    pub fn all<'t>(&self, paths: &[String], like: &(dyn Fn(&str) -> Option<&'t Text> + Sync)) -> Result<Vec<Text>> {
        let sheets: Vec<_> = on_all_cores(paths, |paths| self.some(paths, like)).into_iter().collect::<Result<_>>()?;
        Ok(sheets.into_iter().flatten().collect())
    }

    /// Reads files one after the other. Texts that differ from the other side share one sheet.
    fn some<'t>(&self, paths: &[impl AsRef<str>], like: &dyn Fn(&str) -> Option<&'t Text>) -> Result<Vec<Text>> {
        let (mut sheet, mut buffer) = (Vec::new(), vec![0; PIECE]);
        let mut places = Vec::with_capacity(paths.len());
        for path in paths.iter().map(AsRef::as_ref) {
            let (like, start) = (like(path), sheet.len());
            let is_same = self.read(path, like.map_or("", |like| like), &mut buffer, &mut sheet)?;
            places.push((path, like.filter(|_| is_same), start..sheet.len()));
        }
        let sheet = String::from_utf8(sheet).map_err(|error| {
            let n_valid = error.utf8_error().valid_up_to();
            let at = places.iter().find(|(_, _, range)| range.end > n_valid);
            broken(at.map_or("", |(path, _, _)| path), &"it is not valid UTF-8")
        })?;
        let sheet = Arc::new(sheet);
        let text = |(path, like, range): (&str, Option<&Text>, Range<usize>)| match like {
            Some(like) => Ok(like.clone()),
            None => Text::on(&sheet, range).ok_or_else(|| broken(path, &"it is not valid UTF-8")),
        };
        places.into_iter().map(text).collect()
    }

    /// Returns whether a file equals the expected text. Otherwise, appends its content to the sheet.
    fn read(&self, path: &str, like: &str, buffer: &mut [u8], sheet: &mut Vec<u8>) -> Result<bool> {
        meshsynth_assembly::check_inside(path)?;
        let failed = |error: io::Error| broken(path, &error);
        let mut file = open_file(&self.folder.join(path)).map_err(failed)?;
        let mut piece = fill(&mut file, buffer).map_err(failed)?;
        // Thousands of files are read, so the length is queried only if the first read does not show it.
        let is_whole = (1..PIECE).contains(&piece.len());
        let length = if is_whole { piece.len() as u64 } else { length(path, &file)? };
        self.count(length)?;
        let length = length as usize;
        let (like, mut at) = (like.as_bytes(), 0);
        let mut is_same = like.len() == length;
        loop {
            if is_same && !like[at..].starts_with(piece) {
                is_same = false;
                sheet.extend_from_slice(&like[..at]);
            }
            if !is_same {
                sheet.reserve(if sheet.is_empty() { length.max(SHEET) } else { piece.len() });
                sheet.extend_from_slice(piece);
            }
            at += piece.len();
            if at >= length {
                break;
            }
            piece = fill(&mut file, buffer).map_err(failed)?;
            if piece.is_empty() {
                break;
            }
        }
        if at != length {
            return Err(broken(path, &"its length changed while it was read"));
        }
        Ok(is_same)
    }

    /// Adds a file size to the total, and fails above the limit.
    fn count(&self, length: u64) -> Result<()> {
        if self.total.fetch_add(length, Ordering::Relaxed).saturating_add(length) <= MAX_BYTES {
            return Ok(());
        }
        let text = format!("it is larger than {}, the limit for an assembly", bytes(MAX_BYTES));
        Err(Problem::setting(text)
            .help(
                "check that this is the correct folder: a platform with 1000 services has 30 \
             MB",
            )
            .into())
    }
}

/// Whether files are identical in two folders. Texts are not kept. Files that are unreadable or not valid UTF-8 count
/// as different.
pub fn are_same(one: &Path, other: &Path, paths: &[String]) -> bool {
    let is_over = AtomicBool::new(false);
    let same = |paths: &[String]| {
        let mut buffers = (vec![0; PIECE], vec![0; PIECE]);
        let same = paths.iter().all(|path| {
            !is_over.load(Ordering::Relaxed)
                && meshsynth_assembly::check_inside(path).is_ok()
                && is_same(&one.join(path), &other.join(path), &mut buffers).unwrap_or(false)
        });
        is_over.fetch_or(!same, Ordering::Relaxed);
        same
    };
    on_all_cores(paths, same).into_iter().all(|same| same)
}

fn is_same(one: &Path, other: &Path, buffers: &mut (Vec<u8>, Vec<u8>)) -> io::Result<bool> {
    let (mut one, mut other) = (open_file(one)?, open_file(other)?);
    let mut is_broken_off = false;
    for n_pieces in 0.. {
        let piece = fill(&mut one, &mut buffers.0)?;
        if piece != fill(&mut other, &mut buffers.1)? {
            return Ok(false);
        }
        // A character may begin in one piece and end in the next one.
        let begun =
            if is_broken_off { piece.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count() } else { 0 };
        is_broken_off = match std::str::from_utf8(&piece[begun..]) {
            Ok(_) => false,
            Err(error) if error.error_len().is_none() && piece.len() == PIECE => true,
            Err(_) => return Ok(false),
        };
        // A path that appears empty or very long is possibly not a regular file.
        let is_doubtful = n_pieces == 0 && !(1..PIECE).contains(&piece.len());
        if is_doubtful && !(one.metadata()?.is_file() && other.metadata()?.is_file()) {
            return Ok(false);
        }
        if piece.len() < PIECE {
            break;
        }
    }
    Ok(true)
}

/// Applies a function to chunks of a list on all cores, and returns the results in the order of the list.
fn on_all_cores<T: Send>(paths: &[String], work: impl Fn(&[String]) -> T + Sync) -> Vec<T> {
    let n_threads = thread::available_parallelism().map_or(1, usize::from).min(paths.len() / PER_THREAD).max(1);
    let next = AtomicUsize::new(0);
    let some = || {
        let pieces = std::iter::from_fn(|| {
            let at = next.fetch_add(1, Ordering::Relaxed);
            paths.chunks(PER_SHEET).nth(at).map(|paths| (at, paths))
        });
        pieces.map(|(at, paths)| (at, work(paths))).collect::<Vec<_>>()
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..n_threads).map(|_| scope.spawn(some)).collect();
        let mut done = some();
        done.extend(others.into_iter().flat_map(|thread| thread.join().expect("reading files never panics")));
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, it)| it).collect()
}

/// Reads until the buffer is full or the file ends.
fn fill<'a>(file: &mut File, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let mut n = 0;
    while n < buffer.len() {
        match file.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(&buffer[..n])
}

fn length(path: &str, file: &File) -> Result<u64> {
    let metadata = file.metadata().map_err(|error| broken(path, &error))?;
    if !metadata.is_file() {
        bail!("`{path}` is not a file");
    }
    Ok(metadata.len())
}

fn broken(path: &str, error: &dyn Display) -> anyhow::Error {
    anyhow::anyhow!("cannot read `{path}`: {error}")
}

/// Opens a file for reading, and rejects symbolic links. `NONBLOCK` prevents blocking on a pipe, which appears empty.
#[cfg(unix)]
fn open_file(path: &Path) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;

    let flags = rustix::fs::OFlags::NOFOLLOW.union(rustix::fs::OFlags::NONBLOCK).bits() as i32;
    std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// Opens a file for reading.
#[cfg(not(unix))]
fn open_file(path: &Path) -> io::Result<std::fs::File> {
    std::fs::File::open(path)
}

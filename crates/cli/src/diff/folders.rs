//! Sides of a diff that need no program: folders, files and folders of a revision, written by any tool.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::Result;
use meshsynth_assembly::{is_assembly, is_incomplete};
use meshsynth_diff::Diff;
use meshsynth_diff::side::{Side, unreadable};
use meshsynth_diff::texts::Texts;
use meshsynth_model::problem::Problem;

use super::alike;
use super::base::{self, Checkout};
use super::foreign::{self, Folder, Platform};
use crate::shell::shown;

pub use super::foreign::Taken;

/// The two sides to compare.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The old side.
    pub base: Place,
    /// The new side.
    pub head: Place,
}

/// The source of a side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder or a file.
    Path(PathBuf),
    /// `REVISION:PATH`.
    Revision(String),
    /// The deployed state of the other side.
    Deployed,
    /// An empty platform.
    Nothing,
}

impl Asked {
    /// Returns the sides that the command line specifies, or `None` if it specifies the output of a program.
    ///
    /// # Errors
    ///
    /// If a specified side does not exist.
    pub fn of(base: Option<&str>, head: Option<&Path>, has_program: bool, here: &Path) -> Result<Option<Self>> {
        let given = base.and_then(|name| Place::of(name, here));
        let head_place =
            head.map(|head| Place::of(&head.to_string_lossy(), here).unwrap_or(Place::Path(here.join(head))));
        let is_ours = |place: &Place| matches!(place, Place::Path(path) if is_assembly(path) || holds_assemblies(path));
        let is_foreign = |place: &Place| !matches!(place, Place::Nothing | Place::Deployed) && !is_ours(place);
        let is_meant = match (&given, &head_place) {
            (Some(Place::Revision(_)), None) => true,
            (_, None) => false,
            (base, Some(head)) => is_foreign(head) || base.as_ref().is_some_and(is_foreign) || !has_program,
        };
        if !is_meant {
            return Ok(None);
        }
        let head = match (head_place, &given) {
            (Some(head), _) => head,
            // The other side is the same path in the work tree.
            (None, Some(Place::Revision(name))) => {
                let path = name.split_once(':').map_or("", |(_, path)| path);
                let is_below = path.starts_with("./") || path == ".";
                Place::Path(if is_below { here.join(path) } else { base::top(here)?.join(path) })
            }
            (None, _) => return Ok(None),
        };
        let base = match (given, base, &head) {
            (Some(base), ..) => base,
            (None, Some(name), _) => return Err(not_there(name)),
            (None, None, Place::Path(path)) => Place::Revision(base::in_head(path).ok_or_else(|| {
                Problem::setting(
                    "there is no base for the comparison: this folder is not in a git repository with a commit",
                )
                .help("specify the old side: `--base FOLDER`, `--base REVISION:FOLDER`, or `--base none`")
            })?),
            (None, None, _) => return Err(not_there("HEAD")),
        };
        Ok(Some(Self { base, head }))
    }

    /// Compares both sides.
    ///
    /// # Errors
    ///
    /// If a side does not exist or cannot be compared.
    pub fn compare(&self, taken: &Taken, here: &Path) -> Result<Diff> {
        let app = self.app(here);
        if let (Place::Path(old), Place::Path(new)) = (&self.base, &self.head)
            && taken.render.is_none()
            && taken.clusters.is_empty()
            && alike::are_alike(old, new)
        {
            return Ok(Diff::nothing(app, label(&shown(old, here)), label(&shown(new, here))));
        }
        // The checkout of a revision must exist until the comparison is done.
        let (old, new) = thread::scope(|scope| {
            let old = scope.spawn(|| self.base.read(taken, here));
            let new = self.head.read(taken, here);
            (old.join().expect("reading folders never panics"), new)
        });
        let ((old, _checkout), (new, _other)) = (old?, new?);
        old.check_clusters(&new, taken)?;
        let same = match (&old, &new) {
            (Read::Folder(old), Read::Folder(new)) => old.same(new),
            _ => HashSet::new(),
        };
        if let (Read::Folder(old), Read::Folder(new)) = (&old, &new)
            && old.is_empty()
            && new.is_empty()
        {
            let text = format!("neither {} nor {} contains templates or manifests", old.label(), new.label());
            return Err(Problem::setting(text).help("specify folders or files with templates or manifests").into());
        }
        if let (Read::Folder(old), Read::Folder(new)) = (&old, &new)
            && old.is_like(new, &same)
        {
            return Ok(Diff::nothing(app, old.label().to_owned(), new.label().to_owned()));
        }
        let (base, head) = thread::scope(|scope| {
            let base = scope.spawn(|| old.platform(taken, &same));
            let head = new.platform(taken, &same);
            (base.join().expect("reading documents never panics"), head)
        });
        foreign::compare(base, head, &app, &taken.joins)
    }

    /// Returns the new side, and the checkout that must exist until the comparison is done.
    ///
    /// # Errors
    ///
    /// If it does not exist, or is an output of meshsynth.
    pub fn head(&self, taken: &Taken, here: &Path) -> Result<(Platform, Option<Checkout>)> {
        match self.head.read(taken, here)? {
            (Read::Folder(folder), checkout) => Ok((Platform::of(*folder, taken, &HashSet::new()), checkout)),
            (Read::Platform(_), _) => Err(Problem::setting(
                "an output of meshsynth can be compared with the deployed state only in its project",
            )
            .help("run the command in the folder of `meshsynth.toml`, or specify a folder from `meshsynth render`")
            .into()),
        }
    }

    /// Returns the name of the platform: the name of its folder or file.
    pub fn app(&self, here: &Path) -> String {
        let path = match &self.head {
            Place::Path(path) => path.canonicalize().unwrap_or_else(|_| path.clone()),
            Place::Revision(name) => PathBuf::from(name.split_once(':').map_or("", |(_, path)| path)),
            Place::Nothing | Place::Deployed => PathBuf::new(),
        };
        let name = path.file_name().or(here.file_name()).map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| "platform".to_owned())
    }
}

impl Place {
    /// Returns the source for a name, or `None` if the name is neither an existing path nor in a supported form.
    fn of(name: &str, here: &Path) -> Option<Self> {
        let path = here.join(name);
        match name {
            _ if path.exists() => Some(Self::Path(path)),
            "none" => Some(Self::Nothing),
            "deployed" => Some(Self::Deployed),
            // A Windows drive letter is not a revision.
            _ if name.split_once(':').is_some_and(|(revision, _)| revision.len() > 1) => {
                Some(Self::Revision(name.to_owned()))
            }
            _ => None,
        }
    }

    fn read(&self, taken: &Taken, here: &Path) -> Result<(Read, Option<Checkout>)> {
        match self {
            Self::Deployed => {
                let problem =
                    Problem::setting("the deployed state can only be the old side, and the new side must be a folder");
                Err(problem.help("specify the folder with `--head`, and use `--base deployed`").into())
            }
            Self::Nothing => Ok((Read::Platform(Box::new(Platform::empty("nothing".to_owned()))), None)),
            Self::Path(path) => {
                if !path.exists() {
                    return Err(not_there(&shown(path, here)));
                }
                let place = shown(path, here);
                Ok((read(path, &place, label(&place), taken)?, None))
            }
            Self::Revision(name) => {
                let checkout = base::checkout(name, here, taken.render.is_some())?;
                let read = read(&checkout.place, &checkout.path, checkout.label.clone(), taken)?;
                Ok((read, Some(checkout)))
            }
        }
    }
}

/// Returns the label of a folder in reports.
fn label(place: &str) -> String {
    format!("`{}`", if place.is_empty() { "." } else { place })
}

/// Whether a folder contains assemblies of apps.
fn holds_assemblies(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    folder.is_dir() && entries.map(|entry| entry.path()).any(|path| is_assembly(&path))
}

/// A side that is read but not yet parsed.
enum Read {
    Folder(Box<Folder>),
    Platform(Box<Platform>),
}

impl Read {
    /// Returns an error if a cluster folder exists on neither side. Otherwise, its objects would be assigned to another
    /// cluster.
    fn check_clusters(&self, other: &Self, taken: &Taken) -> Result<()> {
        let sides: Vec<&Folder> = [self, other]
            .into_iter()
            .filter_map(|it| if let Self::Folder(it) = it { Some(&**it) } else { None })
            .collect();
        let is_gone = |folder: &str| !sides.is_empty() && !sides.iter().any(|side| side.has(folder));
        let gone = taken.clusters.iter().filter(|(_, folder)| is_gone(folder));
        let gone: Vec<String> = gone.map(|(name, folder)| format!("`{folder}` of the cluster `{name}`")).collect();
        if gone.is_empty() {
            return Ok(());
        }
        Err(Problem::setting(format!("the folder does not exist on either side: {}", gone.join(", ")))
            .help("specify each folder by its path below both sides: `--cluster NAME=FOLDER`")
            .into())
    }

    fn platform(self, taken: &Taken, same: &HashSet<String>) -> Platform {
        match self {
            Self::Folder(folder) => Platform::of(*folder, taken, same),
            Self::Platform(platform) => *platform,
        }
    }
}

fn read(path: &Path, place: &str, label: String, taken: &Taken) -> Result<Read> {
    if is_assembly(path) {
        let side = Texts::read(path, label.clone(), None).and_then(Side::new);
        let side = side.map_err(|error| unreadable(&label, &error))?;
        return Ok(Read::Platform(Box::new(Platform::of_assembly(&side, path))));
    }
    if is_incomplete(path) {
        let text = format!("{label} is an output of meshsynth, but its `manifest.json` is missing or invalid");
        return Err(Problem::setting(text).help("restore the file, or synthesize the output again").into());
    }
    Ok(Read::Folder(Box::new(Folder::read(path, place, label, taken)?)))
}

fn not_there(name: &str) -> anyhow::Error {
    Problem::setting(format!("`{name}` is neither a folder nor a file"))
        .help("specify a folder or a file of templates or manifests, `REVISION:FOLDER`, or `none`")
        .into()
}

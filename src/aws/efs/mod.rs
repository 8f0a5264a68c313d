//! Amazon EFS file systems, which several pods can mount at the same time.

mod access_point;
mod bare;
mod existing;
mod file_system;

pub use access_point::{AccessPoint, AccessPointProps};
pub use existing::ExistingFileSystem;
pub use file_system::{Clients, FileSystem, FileSystemProps};

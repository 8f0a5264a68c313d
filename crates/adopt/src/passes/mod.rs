//! Transformations of the program tree before printing.

pub mod columns;
pub mod files;
pub mod functions;
pub mod groups;
pub mod imports;
mod local_names;
pub mod long;
mod naming;
pub mod pods;
pub mod settle;
pub mod shared;
pub mod tables;
pub mod unused;

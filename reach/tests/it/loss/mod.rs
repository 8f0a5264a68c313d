//! What is left where something is lost.

mod calls;
mod capacity;
mod entries;
mod platforms;
mod regions;
mod stores;
mod support;

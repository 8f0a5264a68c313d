//! Analysis of losses.

mod calls;
mod capacity;
mod entries;
mod platforms;
mod regions;
mod stores;
mod support;

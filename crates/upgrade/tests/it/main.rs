//! Plans of small platforms.

mod inventory;
mod istio;
mod notes;
mod order;
mod scene;
mod stores;

//! What the engine answers of the reference platforms, and of small worlds.

mod support;
mod world;

//! What the engine answers of the reference platforms, and of small worlds.

mod holes;
mod identity;
mod platforms;
mod support;
mod surveys;
mod world;

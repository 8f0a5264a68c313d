//! What a diff says of platforms before and after.

mod access;
mod data;
mod gates;
mod guards;
mod order_of_lists;
mod parameters;
mod protection;
mod reading;
mod refusal;
mod scene;
mod stores;
mod verdicts;

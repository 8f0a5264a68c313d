//! Who somebody is, what they may do, and what a login to a store means.

//! A service level objective is not between 0 % and 100 %.
//!
//! # What it reports
//!
//! The percentage of an objective is not greater than 0 and less than 100.
//!
//! # Why it matters
//!
//! The error budget is the allowed share of bad requests. With 100 %, there is no budget: the burn rate alerts would
//! divide by zero, and a single error would trigger an alert. With 0 %, every result is good.
//!
//! # Fix
//!
//! Use the promised value, such as 99.5.
//!
//! Source: <https://sre.google/workbook/implementing-slos/>

//! A service level objective is not between 0 % and 100 %.
//!
//! What may be bad is the budget. With 100 % there is none: the alerts, which
//! look at how fast it goes, would divide by nothing, and a single fault would be
//! an alarm. With 0 % everything is good.
//!
//! Say what is really promised, such as 99.5.
//!
//! Source: <https://sre.google/workbook/implementing-slos/>

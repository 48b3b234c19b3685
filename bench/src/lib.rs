//! How fast the host is, beside what it could be compared with: the same requests, by the
//! same load generator, in one run on one machine.
//!
//! [`load`] asks and measures, [`server`] starts who is asked, [`suite`] says who is asked
//! what and in which order, [`figure`] holds what comes out against the goals, and
//! [`report`] shows it.

pub mod account;
pub mod allocations;
pub mod figure;
pub mod load;
pub mod native;
pub mod report;
pub mod server;
pub mod spread;
pub mod suite;

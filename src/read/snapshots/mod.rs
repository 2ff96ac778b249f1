//! Snapshots: what a catalog, a statistics view or a schema dump said at one moment. Turns their
//! texts into facts; what follows from the facts is for others to judge.

pub mod tabular;

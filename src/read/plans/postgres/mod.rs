//! PostgreSQL's plans in each of its forms.

pub mod names;
pub mod operator;
pub mod quantity;

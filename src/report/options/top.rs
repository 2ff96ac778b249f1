//! `--top`: how many classes a report shows.

use super::{InvalidOption, invalid};
use std::fmt;
use std::str::FromStr;

/// How many classes a report shows: `20`, `all`, `95%` or `95%:20`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Top {
    /// All of them.
    All,
    /// So many.
    Count(usize),
    /// Until they make so many percent of the load, but no more than a number of them.
    Share {
        /// Percent of the load, above 0 and up to 100.
        percent: f64,
        /// The most classes.
        at_most: Option<usize>,
    },
}

impl Default for Top {
    fn default() -> Self {
        Top::Share { percent: 95.0, at_most: Some(20) }
    }
}

impl Top {
    /// How many of the classes are shown whose weights are given in ranked order.
    pub fn shown(self, weights: impl ExactSizeIterator<Item = u64>) -> usize {
        let classes = weights.len();
        match self {
            Top::All => classes,
            Top::Count(n) => n.min(classes),
            Top::Share { percent, at_most } => {
                let weights: Vec<u64> = weights.collect();
                let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
                let goal = total as f64 * percent / 100.0;
                let mut sum = 0u128;
                let reached = weights.iter().position(|weight| {
                    sum += u128::from(*weight);
                    sum as f64 >= goal
                });
                reached.map_or(classes, |at| at + 1).min(at_most.unwrap_or(classes))
            }
        }
    }
}

impl FromStr for Top {
    type Err = InvalidOption;

    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        let expected = "a number of classes, all, P% or P%:N such as 95%:20";
        let number = |n: &str| n.parse().ok().filter(|n: &usize| *n > 0);
        if text == "all" {
            return Ok(Top::All);
        }
        let Some((percent, rest)) = text.split_once('%') else {
            return number(text).map(Top::Count).ok_or_else(|| invalid(text, expected));
        };
        let percent = percent.parse().ok().filter(|p: &f64| *p > 0.0 && *p <= 100.0);
        let at_most = match rest.strip_prefix(':') {
            Some(n) => number(n).map(Some),
            None => rest.is_empty().then_some(None),
        };
        match (percent, at_most) {
            (Some(percent), Some(at_most)) => Ok(Top::Share { percent, at_most }),
            _ => Err(invalid(text, expected)),
        }
    }
}

impl fmt::Display for Top {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Top::All => f.write_str("all"),
            Top::Count(n) => write!(f, "{n}"),
            Top::Share { percent, at_most: None } => write!(f, "{percent}%"),
            Top::Share { percent, at_most: Some(n) } => write!(f, "{percent}%:{n}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tops_read_what_they_print() {
        for text in ["all", "7", "95%", "99.5%:3"] {
            assert_eq!(text.parse::<Top>().map(|t| t.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "0", "-1", "0%", "101%", "95%:", "95%:0", "95%x", "nan%"] {
            assert!(text.parse::<Top>().is_err(), "{text}");
        }
    }

    #[test]
    fn top_counts_to_the_share_and_never_past_the_limit() {
        let weights = [50u64, 30, 15, 4, 1];
        for (top, shown) in
            [("all", 5), ("2", 2), ("9", 5), ("50%", 1), ("80%", 2), ("95%:20", 3), ("95%:2", 2)]
        {
            let top: Top = top.parse().expect("a top");
            assert_eq!(top.shown(weights.into_iter()), shown, "{top}");
        }
        assert_eq!(Top::default().shown([0u64; 3].into_iter()), 1, "no load: one stands for all");
        assert_eq!(Top::default().shown([0u64; 0].into_iter()), 0);
    }
}

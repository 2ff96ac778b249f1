//! What the report tells of statements that ran at once, and of whose sessions ran them, against
//! brute force over the same runs.

use super::{json, options, reported_text};
use proptest::prelude::*;
use querylens::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// 2026-11-23 10:00:00 UTC.
const START_US: i64 = 1_795_428_000_000_000;

/// A run: its end after the start of the log, its duration, its connection.
type Run = (i64, i64, u64);

fn slow_log(runs: &[Run]) -> String {
    let mut log = String::new();
    for (end_us, us, id) in runs {
        let time = Timestamp(START_US + end_us).rfc3339();
        let user = if id % 3 == 0 { "root" } else { "app" };
        let (s, fraction) = (us / 1_000_000, us % 1_000_000);
        write!(
            log,
            "# Time: {time}\n# User@Host: {user}[{user}] @ web [10.0.0.8]  Id: {id}\n# Query_time: \
             {s}.{fraction:06}  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 10\nSET \
             timestamp=1795428000;\nselect a from t where b = {id};\n"
        )
        .expect("a string takes everything");
    }
    log
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn statements_at_once_are_those_of_brute_force(
        runs in prop::collection::vec((0i64..300, 1i64..999_999, 0i64..40, 1u64..1_000_000, 1u64..12), 2..150),
    ) {
        let mut runs: Vec<Run> = runs
            .into_iter()
            .map(|(end_s, end_us, s, us, id)| (end_s * 1_000_000 + end_us, s * 1_000_000 + us as i64, id))
            // Whole seconds are spread on purpose.
            .filter(|(end, us, _)| end % 1_000_000 != 0 && (end - us) % 1_000_000 != 0)
            .collect();
        runs.sort_unstable();
        prop_assume!(runs.len() > 1);
        let connections = &json(&reported_text(&slow_log(&runs), &options()))["connections"];

        let (first, last) = (runs[0].0, runs[runs.len() - 1].0);
        let boundaries: Vec<i64> =
            (0..400).map(|s| s * 1_000_000).filter(|at| (first..=last).contains(at)).collect();
        let open_at = |at: &i64| runs.iter().filter(|(end, us, _)| end - us <= *at && at < end).count();
        let open: Vec<usize> = boundaries.iter().map(open_at).collect();
        let told = &connections["statements"];
        if let Some((from, to)) = boundaries.first().zip(boundaries.last()) {
            prop_assert_eq!(&told["sampled_every_s"], 1);
            prop_assert_eq!(&told["samples"], boundaries.len());
            let peak = open.iter().copied().max().unwrap_or(0);
            prop_assert_eq!(&told["peak"], peak);
            let at = boundaries[open.iter().position(|o| *o == peak).unwrap_or(0)];
            let at = (peak > 0).then(|| Timestamp(START_US + at).rfc3339());
            prop_assert_eq!(told["peak_at"].as_str().map(str::to_owned), at);
            let mut sorted = open.clone();
            sorted.sort_unstable();
            let p95 = (sorted.len() >= 20).then(|| sorted[(sorted.len() * 95).div_ceil(100) - 1] as u64);
            prop_assert_eq!(told["p95"].as_u64(), p95);
            let overlap = |from: i64, to: i64| {
                runs.iter().map(|(end, us, _)| ((*end).min(to) - (end - us).max(from)).max(0)).sum::<i64>() as f64
            };
            let average = told["average"].as_f64();
            prop_assert_eq!(average.is_some(), to > from);
            if let Some(average) = average {
                let truth = overlap(*from, *to) / (to - from) as f64;
                prop_assert!((average - truth).abs() < 1e-6, "{} and {}", average, truth);
            }
            for interval in told["over_time"].as_array().into_iter().flatten() {
                let at = interval["at"].as_str().unwrap_or_default();
                let at = boundaries.iter().position(|b| Timestamp(START_US + b).rfc3339() == at);
                let at = at.expect("an interval starts at a boundary");
                prop_assert_eq!(&interval["running"], open[at]);
                let truth = overlap(boundaries[at], boundaries[at] + 1_000_000) / 1e6;
                prop_assert!((interval["average"].as_f64().unwrap_or(-1.0) - truth).abs() < 1e-6);
            }
        } else {
            prop_assert!(told.is_null());
        }

        let mut sessions: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
        for (_, _, id) in &runs {
            sessions.entry(if id % 3 == 0 { "root" } else { "app" }).or_default().insert(*id);
        }
        prop_assert_eq!(&connections["names_count"], "sessions");
        for list in connections["by_user"].as_array().into_iter().flatten() {
            let name = list["name"].as_str().unwrap_or_default();
            let truth = sessions.remove(name).map(|ids| ids.len() as u64);
            prop_assert_eq!(list["count"].as_u64(), truth);
        }
        prop_assert!(sessions.is_empty());
    }
}

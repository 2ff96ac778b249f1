//! What ANALYZE FORMAT=JSON of MariaDB measured, in the terms of the model.
//!
//! In: the members `r_…` of a container. Out: its [`Actual`]. MariaDB prints rows as the mean of a
//! loop and times as the total of all loops. The time of a table is its own, that of a query block
//! includes all in it, that of a sort includes its input only if it reads that itself (a temporary
//! table is filled before): [`include_inputs`] adds what is missing, so that times are inclusive as
//! in all plans.

use crate::model::plan::{Actual, Measured, Plan, Quantity};
use crate::read::plans::tree::Ref;

/// The server prints a number in as many characters.
const PRINTED_CHARS: i32 = 11;

/// What the printed time of a node is of.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Time {
    /// Nothing is printed.
    Unknown,
    /// The node alone, in milliseconds of all loops.
    Own(f64),
    /// The node with its inputs, in milliseconds of all loops.
    Inclusive(f64),
}

/// The time of a query block.
pub fn total_ms(at: Ref<'_, '_>) -> Option<f64> {
    at.get("r_total_time_ms").and_then(Ref::number)
}

/// What running a container showed; `None` where it does not say.
pub fn measured(at: Ref<'_, '_>) -> Option<(Actual, Time)> {
    let loops = at.get("r_loops");
    let rows = at.get("r_rows").or_else(|| at.get("r_output_rows"));
    let time = time_of(at);
    if loops.is_none() && rows.is_none() && time == Time::Unknown {
        return None;
    }
    let loops = loops.and_then(Ref::number);
    if loops == Some(0.0) {
        return Some((Actual::Never, time));
    }
    let rows = rows.and_then(|rows| Some((rows.text()?, rows.number()?)));
    let rows = rows.map(|(text, rows)| {
        // A sort's rows are rounded to whole ones.
        let is_rounded = at.get("r_rows").is_none() && loops.is_some_and(|loops| loops > 1.0);
        Quantity::of_one_loop(rows, if is_rounded { 0.5 } else { rounding(text) })
    });
    // What changes rows is run once and does not say so.
    let loops = loops.map_or(1, |loops| loops as u64);
    Some((Actual::Ran(Measured { loops, rows, first_ms: None, total_ms: None }), time))
}

fn time_of(at: Ref<'_, '_>) -> Time {
    let number = |name| at.get(name).and_then(Ref::number);
    let other_ms = number("r_other_time_ms");
    let sum = |first: Option<f64>| {
        first.or(other_ms).map(|_| first.unwrap_or(0.0) + other_ms.unwrap_or(0.0))
    };
    match at.key() {
        "table" => sum(number("r_table_time_ms")).or(total_ms(at)).map(Time::Own),
        "block-nl-join" => sum(number("r_unpack_time_ms")).map(Time::Own),
        "query_block" => total_ms(at).map(Time::Inclusive),
        "filesort" => {
            let reads_input = at.get("table").or_else(|| at.get("nested_loop")).is_some();
            total_ms(at).map(if reads_input { Time::Inclusive } else { Time::Own })
        }
        _ => total_ms(at).map(Time::Inclusive),
    }
    .unwrap_or(Time::Unknown)
}

/// How far a printed number may be from the true one: half a unit of the last digit that there was
/// room for.
fn rounding(text: &str) -> f64 {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = match exponent {
        0 => (PRINTED_CHARS - 1 - whole.len() as i32).clamp(0, PRINTED_CHARS),
        _ => fraction.len() as i32,
    };
    0.5 * 10_f64.powi(exponent.saturating_sub(digits).clamp(-300, 300))
}

/// Makes the times of a plan inclusive, and gives containers that are not measured themselves what
/// their inputs tell. `times` has one for each node.
pub fn include_inputs(plan: &mut Plan, times: &[Time]) {
    let mut totals: Vec<Option<f64>> = vec![None; plan.nodes.len()];
    for at in (0..plan.nodes.len()).rev() {
        let children: Vec<usize> = plan.children(at).collect();
        let known = children.iter().filter_map(|child| totals[*child]);
        let inputs = known.fold(None, |sum: Option<f64>, ms| Some(sum.unwrap_or(0.0) + ms));
        let first_loops = children.iter().find_map(|child| plan.nodes[*child].measured());
        let first_loops = first_loops.map(|ran| ran.loops);
        let is_first_idle =
            children.first().is_some_and(|child| plan.nodes[*child].actual == Actual::Never);
        let node = &mut plan.nodes[at];
        let idle = Measured { loops: 0, rows: None, first_ms: None, total_ms: None };
        let mut ran = match (node.actual, first_loops) {
            (Actual::Ran(ran), _) => ran,
            // It says that it never ran, or nothing; but what is below it ran.
            (_, Some(loops)) => Measured { loops, ..idle },
            (Actual::Unknown, None) if is_first_idle => {
                node.actual = Actual::Never;
                continue;
            }
            (Actual::Unknown | Actual::Never, None) => continue,
        };
        let own = times.get(at).copied().unwrap_or(Time::Unknown);
        // The clock itself takes time: inputs may have taken a little more than the whole.
        let total = match (own, inputs) {
            (Time::Own(own), inputs) => Some((own + inputs.unwrap_or(0.0), 0.0)),
            (Time::Inclusive(all), inputs) => {
                let most = inputs.unwrap_or(0.0).max(all);
                Some((most, most - all))
            }
            (Time::Unknown, inputs) => inputs.map(|inputs| (inputs, 0.0)),
        };
        if let Some((ms, more)) = total {
            totals[at] = Some(ms);
            ran.total_ms = Some(Quantity::of_all_loops(ms, rounding(&ms.to_string()) + more));
        }
        node.actual = Actual::Ran(ran);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::plans::tree::parse_json;

    #[test]
    fn numbers_are_as_exact_as_they_are_printed() {
        for (text, within) in [
            ("0.259626604", 0.5e-9),
            ("20000", 0.5e-5),
            ("11.05833333", 0.5e-8),
            ("8.024784e-4", 0.5e-10),
            ("12345678901234", 0.5),
        ] {
            assert!((rounding(text) / within - 1.0).abs() < 1e-9, "{text}: {}", rounding(text));
        }
    }

    #[test]
    fn loops_rows_and_times_are_told_apart() {
        let table = r#"{"table": {"r_loops": 4, "r_rows": 2.5, "r_table_time_ms": 3,
            "r_other_time_ms": 0.5}}"#;
        let old = r#"{"table": {"r_loops": 4, "r_rows": 2.5, "r_total_time_ms": 3.5}}"#;
        for text in [table, old] {
            let (tree, _) = parse_json(text).expect(text);
            let at = tree.root().get("table").expect("a table");
            let Some((Actual::Ran(ran), time)) = measured(at) else { panic!("it ran") };
            assert_eq!((ran.loops, ran.rows.map(|rows| rows.total(4).0)), (4, Some(10.0)));
            assert_eq!(time, Time::Own(3.5));
        }
        let never = r#"{"table": {"r_loops": 0, "r_rows": null, "r_filtered": null}}"#;
        let (tree, _) = parse_json(never).expect("JSON");
        let at = tree.root().get("table").expect("a table");
        assert_eq!(measured(at), Some((Actual::Never, Time::Unknown)));
    }
}

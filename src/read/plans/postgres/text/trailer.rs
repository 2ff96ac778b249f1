//! What stands below a plan and is about the whole: times, triggers, JIT, settings, and names of
//! clients and extensions.

use super::super::names::unquoted;
use super::super::quantity;
use super::block::{self, Entry};
use super::line;
use super::node::leading_number;
use crate::model::plan::Trigger;
use crate::read::plans::Builder;

/// Reads the lines below a plan.
pub fn read(entries: &[Entry<'_>], builder: &mut Builder) {
    let mut others: Vec<Entry<'_>> = Vec::new();
    for entry in entries {
        if let Some(trigger) = trigger(entry.text) {
            builder.plan().triggers.push(trigger);
            continue;
        }
        let ms = |value| leading_number(value).parse().ok();
        match line::property(entry.text).map(|(key, value)| (key, ms(value))) {
            Some(("Planning Time" | "Planning time", Some(ms))) => {
                builder.plan().planning_ms = Some(ms);
            }
            Some((
                "Execution Time" | "Execution time" | "Total runtime" | "Total Runtime",
                Some(ms),
            )) => builder.plan().execution_ms = Some(ms),
            _ => others.push(entry.clone()),
        }
    }
    for (name, value) in block::properties(&others, builder) {
        builder.plan_detail(&name, value, true);
    }
}

/// `Trigger audit on orders: time=1.000 calls=2`, `Trigger for constraint fk: calls=2`.
fn trigger(text: &str) -> Option<Trigger> {
    let (names, numbers) = text.strip_prefix("Trigger ")?.rsplit_once(": ")?;
    let of = |key: &str| numbers.split_once(key).map(|(_, value)| leading_number(value));
    let calls = of("calls=").and_then(quantity::count)?;
    let (names, relation) = match names.rsplit_once(" on ") {
        Some((names, relation)) => (names, Some(unquoted(relation).into())),
        None => (names, None),
    };
    let (name, constraint) = match names.strip_prefix("for constraint ") {
        Some(constraint) => ("", Some(constraint)),
        None => names.split_once(" for constraint ").map_or((names, None), |(n, c)| (n, Some(c))),
    };
    let own = |name: &str| Box::<str>::from(unquoted(name));
    Some(Trigger {
        // Without VERBOSE the constraint stands for the trigger behind it.
        name: own(if name.is_empty() { constraint.unwrap_or_default() } else { name }),
        constraint: constraint.map(own),
        relation,
        time_ms: of("time=").and_then(quantity::total_time_ms),
        calls,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_and_their_names() {
        for (line, expected) in [
            ("Trigger audit: time=1.500 calls=2", "audit|-|-|1.5|2"),
            ("Trigger audit on orders: calls=2", "audit|-|orders|-|2"),
            ("Trigger for constraint fk on \"a b\": time=0.1 calls=3", "fk|fk|a b|0.1|3"),
            ("Trigger RI_x for constraint fk on o: time=0.1 calls=3", "RI_x|fk|o|0.1|3"),
        ] {
            let one = trigger(line).expect(line);
            let text =
                |text: Option<Box<str>>| text.map_or("-".to_owned(), |text| text.to_string());
            let time = one.time_ms.map_or("-".to_owned(), |time| time.value.to_string());
            let (constraint, relation) = (text(one.constraint), text(one.relation));
            assert_eq!(
                format!("{}|{constraint}|{relation}|{time}|{}", one.name, one.calls),
                expected
            );
        }
        assert!(trigger("Trigger audit: none").is_none());
    }
}

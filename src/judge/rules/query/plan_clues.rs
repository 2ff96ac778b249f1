//! What a logged plan says about a suspicion: a few certain words of it, in any EXPLAIN format.
//! No rule; the rules about text ask it before they speak. Reading plans as trees is left to the
//! plan readers.

use crate::judge::advice::ident;
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::Fact;
use crate::judge::words;
use crate::model::workload::class::PlanCapture;

/// The slowest logged plan of a class, as far as the words in it go.
#[derive(Clone, Copy, Debug)]
pub struct PlanClues<'a> {
    plan: &'a PlanCapture,
}

/// The plan of a class, when one was logged.
pub fn of<'a>(class: &'a ClassEvidence<'_>) -> Option<PlanClues<'a>> {
    class.class.plans.slowest.as_deref().map(|plan| PlanClues { plan })
}

impl PlanClues<'_> {
    /// Whether a word stands in the plan.
    pub fn says(self, word: &str) -> bool {
        self.plan.text.contains(word)
    }

    /// Whether the plan reads a table, or a partition named after it, from end to end. Formats
    /// other than text name the table apart from the node; there any Seq Scan counts.
    pub fn scans(self, table: &str) -> bool {
        if self.plan.format != "text" {
            return self.says("Seq Scan");
        }
        let name = ident::quoted_part(&ident::last_part(table));
        let qualified = format!(".{name}");
        self.plan.text.split("Seq Scan on ").skip(1).any(|rest| {
            let node = rest.lines().next().unwrap_or_default();
            node.starts_with(&name) || node.contains(&qualified)
        })
    }

    /// How often the busiest subplan ran.
    pub fn subplan_loops(self) -> Option<u64> {
        let mut most = None;
        for part in self.plan.text.split("SubPlan").skip(1) {
            let loops = ["loops=", "\"Actual Loops\": "]
                .iter()
                .find_map(|mark| part.split_once(mark))
                .and_then(|(_, rest)| leading_number(rest));
            most = most.max(loops);
        }
        most
    }

    /// The plan as evidence.
    pub fn fact(self, evidence: &Evidence<'_>, what: &str) -> Fact {
        Fact {
            fact: format!(
                "logged plan of a run of {}: {what}",
                words::duration_us(self.plan.duration_us as f64)
            ),
            source: Some(evidence.facts.source(self.plan.place)),
        }
    }
}

fn leading_number(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::workload::examples::Place;

    #[test]
    fn clues_are_read_from_text_and_json() {
        let plan = |format, text: &str| PlanCapture {
            duration_us: 1,
            time: None,
            place: Place { source: 0, offset: 0, line_in_chunk: 0 },
            format,
            text: text.into(),
        };
        let text = plan(
            "text",
            "Seq Scan on public.orders o  (actual time=0.1..9 rows=5 loops=1)\n  Filter: (NOT (SubPlan 1))\n  \
             SubPlan 1\n    ->  Index Scan using \"Seq\" on items (actual time=0..0 rows=1 loops=512)",
        );
        let clues = PlanClues { plan: &text };
        assert!(clues.scans("shop.orders") && !clues.scans("items") && !clues.says("hashed"));
        assert_eq!(clues.subplan_loops(), Some(512));
        let json = plan(
            "json",
            r#"{"Node Type": "Seq Scan", "Relation Name": "o", "Actual Loops": 1, "Plans": [
               {"Parent Relationship": "SubPlan", "Actual Rows": 1, "Actual Loops": 77}]}"#,
        );
        let clues = PlanClues { plan: &json };
        assert!(clues.scans("o"));
        assert_eq!(clues.subplan_loops(), Some(77));
        assert_eq!(PlanClues { plan: &plan("text", "SubPlan") }.subplan_loops(), None);
    }
}

//! Execution plans: below each class its own, and in a section those that belong to no class.

use super::{heading, paragraph};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{self, ms};
use crate::report::plan_table::{self, Extent};
use crate::report::types::{Plan, Report};

/// Operators of a plan that a document shows.
const EXTENT: Extent = Extent { operators: 60, details: true, width: 180 };
/// Shapes of a class that a document shows.
const SHAPES: usize = 3;
/// Plans of no class that a document shows, unless all were asked for.
const LOOSE: usize = 20;

/// The section of plans whose statements no log tells.
pub fn write(report: &Report, out: &mut String) {
    let shown: Vec<&str> = report
        .queries
        .iter()
        .chain(&report.also_shown)
        .flat_map(|query| &query.plans)
        .map(|id| &**id)
        .collect();
    let loose: Vec<&Plan> =
        report.plans.iter().filter(|plan| !shown.contains(&&*plan.id)).collect();
    if loose.is_empty() {
        return;
    }
    heading(out, 2, "Execution Plans");
    paragraph(
        out,
        "Plans whose statements are in no log that was read: what they cost in all is not known, \
         and shares are of one run.",
    );
    let most = if report.every_plan { loose.len() } else { LOOSE };
    for plan in loose.iter().take(most) {
        heading(out, 3, &format!("<a id=\"plan-{0}\"></a>Plan {0}", plan.id));
        if let Some(statement) = &plan.statement {
            paragraph(out, &escape::fence("sql", statement));
        }
        block(plan, out);
    }
    let more = loose.len().saturating_sub(most) + report.totals.plans_omitted;
    if more > 0 {
        let more = words::counted(more as u64, "more plan");
        paragraph(out, &format!("{more} of no class: `querylens explain` shows each."));
    }
}

/// The plans of a class, the shape that took most time first.
pub fn write_all(plans: Vec<&Plan>, out: &mut String) {
    let several = plans.len() > 1;
    if several {
        let text = format!(
            "{} shapes of its plan were seen; first the one whose runs took most time.",
            words::count(plans.len() as u64)
        );
        paragraph(out, &text);
    }
    plans.iter().take(SHAPES).for_each(|plan| block(plan, out));
    if plans.len() > SHAPES {
        paragraph(out, "The others are in the JSON report.");
    }
}

fn block(plan: &Plan, out: &mut String) {
    let place = escape::code(&phrases::place(&plan.source));
    let which = match plan.count {
        1 => "Plan".to_owned(),
        count => format!("Slowest of {} plans of this shape", words::count(count)),
    };
    let time = match plan.total_ms {
        Some(total) => format!("of a run of {}", ms(total)),
        None => "not executed".to_owned(),
    };
    let planning =
        plan.planning_ms.map_or(String::new(), |time| format!(", planned in {}", ms(time)));
    paragraph(out, &format!("{which}, {time}{planning}, at {place}:"));
    let mut text = plan_table::lines(plan, EXTENT).join("\n");
    for part in &plan.other_parts {
        text += &format!("\n{}: {}", part.name, ms(part.time_ms));
    }
    paragraph(out, escape::fence("text", &text).trim_end());
}

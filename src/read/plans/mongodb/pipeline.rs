//! The stages of an aggregation: each reads the one before it, and the first a query of its own.
//!
//! Times of stages are cumulative, those before included, so that a stage stands above the one it
//! reads. Branches of `$facet` and `$unionWith` stand beside that one.

use super::explain::Reader;
use super::scalar::{is_elided, member_number, member_text};
use super::stage::{Place, actual_of, is_stage};
use super::{detail, operator};
use crate::lang::mongo::shape::Part;
use crate::model::plan::{Operator, Properties, Role, Value};
use crate::read::plans::tree::{Ref, Scalar};
use crate::read::plans::{Literals, PlanError};

/// The query that a stage such as `$cursor` or `$geoNearCursor` reads.
fn query_of<'t, 'a>(stage: Ref<'t, 'a>) -> Option<Ref<'t, 'a>> {
    stage.children().next().filter(|cursor| {
        cursor.get("queryPlanner").is_some() || cursor.get("executionStats").is_some()
    })
}

impl<'t, 'a> Reader<'t> {
    /// Adds a pipeline: its last stage on top. What its planner says is told of the plan as a whole
    /// if it is the only one, else of the stage that holds it.
    pub fn pipeline(
        &mut self,
        stages: Ref<'t, 'a>,
        role: Role,
        is_only: bool,
        above: Properties,
    ) -> Result<(), PlanError> {
        self.chain(stages, role, is_only, above, |_| Ok(()))
    }

    /// The same, with something below its first stage.
    pub fn chain(
        &mut self,
        stages: Ref<'t, 'a>,
        role: Role,
        is_only: bool,
        above: Properties,
        below: impl FnOnce(&mut Self) -> Result<(), PlanError>,
    ) -> Result<(), PlanError> {
        let stages: Vec<_> = stages.children().collect();
        let mut role = role;
        let mut above = Some(above);
        for stage in stages.iter().rev() {
            self.pipeline_stage(*stage, role, is_only, above.take().unwrap_or_default())?;
            role = Role::Input;
        }
        if let Some(cursor) = stages.first().and_then(|stage| query_of(*stage)) {
            let (planner, stats) = (cursor.get("queryPlanner"), cursor.get("executionStats"));
            self.query(planner, stats, Role::Input, None, Properties::default())?;
        }
        below(self)?;
        for stage in &stages {
            self.branches(*stage)?;
            self.builder.close();
        }
        Ok(())
    }

    fn pipeline_stage(
        &mut self,
        stage: Ref<'t, 'a>,
        role: Role,
        is_only: bool,
        above: Properties,
    ) -> Result<(), PlanError> {
        let first = stage.children().next();
        let Some(arguments) = first.filter(|_| !is_elided(stage)) else {
            self.builder.open(role, "[Object]", Operator::Other, stage.offset())?;
            return Ok(());
        };
        let native = arguments.key();
        let query = query_of(stage);
        let about =
            query.map(|query| self.about(query.get("queryPlanner"), query.get("executionStats")));
        let specification = match query {
            // Of these, nodes tell what they do.
            None if !matches!(native, "$mergeCursors" | "$facet") => {
                Some(self.specification(stage, arguments))
            }
            _ => None,
        };
        let operator = operator::of(native, false, false);
        let node = self.builder.open(role, native, operator, stage.offset())?;
        node.actual = actual_of(stage);
        node.relation = relation_of(arguments).map(Into::into);
        if let Some(text) = specification {
            node.details.push(native, Value::Text(text));
        }
        self.of_node(above);
        match about {
            Some(about) if is_only => self.of_plan(about),
            about => self.of_node(about.unwrap_or_default()),
        }
        for member in stage.children().skip(1) {
            let is_told = matches!(member.key(), "nReturned" | "executionTimeMillisEstimate");
            if !is_told && !is_stage(member) {
                let value = detail::of_member(self.ejson, member, self.literals);
                if let Some(node) = self.builder.node() {
                    node.details.push(member.key(), value);
                }
            }
        }
        let place = Place { collection: None, slots: None, planned: None, is_fetched: false };
        for member in stage.children().skip(1).filter(|member| is_stage(*member)) {
            self.stage(member, Role::Member, &place, Properties::default())?;
        }
        Ok(())
    }

    /// The arguments of a stage without their constants.
    fn specification(&self, stage: Ref<'t, 'a>, arguments: Ref<'t, 'a>) -> Box<str> {
        if self.literals == Literals::Keep {
            return detail::source(self.ejson, arguments).into();
        }
        // As a stage, since what is a constant depends on the stage's name.
        let text = detail::part_text(self.ejson, stage, Part::Stage);
        let Some(rest) = text.strip_prefix('{') else { return text };
        let inner = rest.strip_prefix(arguments.key()).and_then(|rest| rest.strip_prefix(": "));
        // What the server measured stands behind the arguments: they end with their bracket.
        inner.map_or(text.clone(), |inner| first_value(inner).into())
    }

    /// The branches of a stage, beside what it reads.
    fn branches(&mut self, stage: Ref<'t, 'a>) -> Result<(), PlanError> {
        let Some(arguments) = stage.children().next() else { return Ok(()) };
        match arguments.key() {
            "$facet" => {
                for branch in arguments.children().filter(|branch| branch.is_array()) {
                    self.branch(branch, branch.key())?;
                }
                Ok(())
            }
            "$unionWith" => {
                match arguments.get("pipeline").filter(|pipeline| pipeline.is_array()) {
                    Some(pipeline) => {
                        self.branch(pipeline, member_text(arguments, "coll").unwrap_or_default())
                    }
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn branch(&mut self, stages: Ref<'t, 'a>, label: &str) -> Result<(), PlanError> {
        let at = self.builder.plan().nodes.len();
        self.pipeline(stages, Role::Member, false, Properties::default())?;
        if let Some(node) = self.builder.plan().nodes.get_mut(at) {
            node.label = Some(label.into());
        }
        Ok(())
    }

    /// Milliseconds of a pipeline: what its last stage took with all before it, or what its query
    /// took if that is more, since either counts what the other may not.
    pub fn pipeline_ms(&self, stages: Ref<'t, 'a>) -> Option<f64> {
        let last = stages.children().last();
        let last = last.and_then(|stage| member_number(stage, "executionTimeMillisEstimate"));
        let query = stages.children().next().and_then(query_of);
        let query = query.and_then(|query| query.get("executionStats"));
        let query = query.and_then(|stats| member_number(stats, "executionTimeMillis"));
        last.into_iter().chain(query).reduce(f64::max)
    }
}

/// The collection that a stage joins, unites with or writes to.
fn relation_of<'t>(arguments: Ref<'t, '_>) -> Option<&'t str> {
    match (arguments.key(), arguments.scalar()) {
        ("$out" | "$unionWith" | "$merge", Scalar::Text(name)) => Some(name.as_ref()),
        ("$lookup" | "$graphLookup", _) => member_text(arguments, "from"),
        ("$unionWith" | "$out", _) => member_text(arguments, "coll"),
        ("$merge", _) => {
            let into = arguments.get("into")?;
            member_text(arguments, "into").or_else(|| member_text(into, "coll"))
        }
        _ => None,
    }
}

/// The value that canonical text begins with.
fn first_value(text: &str) -> &str {
    use crate::lang::mongo::shell::{Mark, Scan};
    let mut depth = 0usize;
    for (mark, at) in Scan::new(text.as_bytes()) {
        match mark {
            Mark::Open => depth += 1,
            Mark::Close | Mark::Comma if depth == 0 => return text.get(..at).unwrap_or(text),
            Mark::Close => depth -= 1,
            Mark::Comma | Mark::Line => {}
        }
    }
    text
}

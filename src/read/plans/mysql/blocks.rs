//! MySQL's EXPLAIN FORMAT=JSON of version 1 (5.6 to 8.x), and MariaDB's EXPLAIN and ANALYZE
//! FORMAT=JSON: blocks in blocks. In: the tree of a document. Out: its plan.
//!
//! What becomes a node:
//! - every `table`: its native words are its access type as printed (`ALL`, `ref`), `table` where it
//!   only has a message, `insert` or `replace` where nothing is read from it;
//! - what does work: sorts (`filesort`, also for MySQL's `ordering_operation` with `using_filesort`),
//!   grouping, duplicates' removal, windows, temporary tables, buffers, caches, unions, and a
//!   materialised subquery (`materialized`); an `ordering_operation` that finds its rows in order does
//!   nothing, and its members are a detail of that name;
//! - `nested_loop` where it joins more than one: the first is its outer side, the others are inner;
//! - `query_block` where it is a subquery or a member of a union (label `select #2`), or does not
//!   have exactly one part. The root's and a materialised subquery's is else left out: what it says
//!   itself goes to the plan, or to the node `materialized`;
//! - every container that is not known but holds such parts.
//!
//! All else is a detail, the members of `cost_info` by their own names. `read_cost` and `eval_cost`
//! are of all scans of a table together, so is its cost: the costs of the tables of a loop add up to
//! the loop's, its last `prefix_cost`.

use super::names::{self, Kind};
use super::parts::{Part, is_part, parts_of, weight};
use super::{access, mariadb_json, masking};
use crate::model::event::Engine;
use crate::model::plan::{Operator, Plan, Properties, Role, Value};
use crate::read::plans::tree::{Ref, number_or_text};
use crate::read::plans::{Builder, Literals, PlanError};
use mariadb_json::Time;

/// Reads a document of an engine, whose plans are called `format`.
pub fn read(
    root: Ref<'_, '_>,
    engine: Engine,
    format: &'static str,
    literals: Literals,
) -> Result<Plan, PlanError> {
    let mut walk = Walk {
        builder: Builder::new(engine, format, literals),
        work: Vec::new(),
        times: Vec::new(),
    };
    let mut parts = Vec::new();
    for member in root.children() {
        match (member.key(), member.get("r_total_time_ms").and_then(Ref::number)) {
            ("query_optimization", Some(ms)) => walk.builder.plan().planning_ms = Some(ms),
            _ if is_part(member) => parts.push(Part { at: member, holder: None }),
            _ => walk.detail(member),
        }
    }
    walk.push(parts.into_iter().map(|part| (part, Place::new(Role::Root))).collect());
    while let Some(step) = walk.work.pop() {
        match step {
            Step::Enter(part, place) => walk.enter(part, place)?,
            Step::Close => walk.builder.close(),
        }
    }
    let mut plan = walk.builder.finish()?;
    mariadb_json::include_inputs(&mut plan, &walk.times);
    Ok(plan)
}

/// Where a part stands.
#[derive(Clone, Copy)]
struct Place {
    role: Role,
    /// What it costs with all its inputs, where the parts above tell that.
    cost: Option<f64>,
    /// A query block here is left out if it has exactly one part.
    may_leave_out: bool,
}

impl Place {
    fn new(role: Role) -> Self {
        Place { role, cost: None, may_leave_out: role == Role::Root }
    }
}

enum Step<'t, 'a> {
    Enter(Part<'t, 'a>, Place),
    Close,
}

struct Walk<'t, 'a> {
    builder: Builder,
    work: Vec<Step<'t, 'a>>,
    /// One for each node: what its printed time is of.
    times: Vec<Time>,
}

impl<'t, 'a> Walk<'t, 'a> {
    /// Puts parts before all other work, in their order.
    fn push(&mut self, parts: Vec<(Part<'t, 'a>, Place)>) {
        self.work.extend(parts.into_iter().rev().map(|(part, place)| Step::Enter(part, place)));
    }

    fn enter(&mut self, part: Part<'t, 'a>, place: Place) -> Result<(), PlanError> {
        let at = part.at;
        let parts = parts_of(at);
        match names::kind(at.key()) {
            Some(Kind::Table) => self.table(part, parts, place),
            Some(Kind::QueryBlock) => self.query_block(part, parts, place),
            Some(Kind::NestedLoop) if parts.len() > 1 => {
                // A materialised subquery at the end has no costs of its own.
                let costs = parts.iter().rev().filter_map(|part| part.at.get("cost_info"));
                let cost = costs.filter_map(|info| info.get("prefix_cost")?.number()).next();
                let rows = parts.last().and_then(|last| last.at.get("rows_produced_per_join"));
                let cost = cost.or(place.cost);
                self.open(part, "nested_loop", Operator::NestedLoop, Place { cost, ..place })?;
                if let Some(node) = self.builder.node() {
                    node.estimated.rows = rows.and_then(Ref::number);
                }
                let role = |at| if at == 0 { Role::Outer } else { Role::Inner };
                let places = (0..).map(|at| Place::new(role(at)));
                self.push(parts.into_iter().zip(places).collect());
                Ok(())
            }
            Some(Kind::NestedLoop | Kind::Holder) => {
                self.leave_out(part, parts, |_| place);
                Ok(())
            }
            Some(Kind::Members) => {
                self.leave_out(part, parts, |_| Place::new(Role::Member));
                Ok(())
            }
            Some(Kind::Subqueries) => {
                self.leave_out(part, parts, |part| Place::new(role_of_subquery(part)));
                Ok(())
            }
            Some(Kind::SubqueriesOfOptimizer) => {
                self.leave_out(part, parts, |_| Place::new(Role::InitPlan));
                Ok(())
            }
            Some(Kind::Ordering) => {
                let does = |name| at.get(name).and_then(Ref::flag) == Some(true);
                match (does("using_filesort"), does("using_temporary_table")) {
                    (true, _) => {
                        self.operation(part, parts, names::FILESORT, Operator::Sort, place)
                    }
                    (false, true) => {
                        self.operation(part, parts, at.key(), Operator::Materialize, place)
                    }
                    (false, false) => {
                        self.group(at);
                        self.leave_out(part, parts, |_| place);
                        Ok(())
                    }
                }
            }
            Some(Kind::Operation(native, operator)) => {
                self.operation(part, parts, native, operator, place)
            }
            Some(Kind::Materialized) => {
                let place = Place { role: Role::Cte, ..place };
                self.open(part, names::MATERIALIZED, Operator::Materialize, place)?;
                let inside = Place { may_leave_out: true, ..Place::new(Role::Input) };
                self.push(parts.into_iter().map(|part| (part, inside)).collect());
                Ok(())
            }
            Some(Kind::BufferedJoin) => {
                let join_type = at.get("join_type").and_then(Ref::text).unwrap_or_default();
                let is_hash = join_type.ends_with('H');
                let operator = if is_hash { Operator::HashJoin } else { Operator::NestedLoop };
                self.open(part, at.key(), operator, place)?;
                let inner = Place::new(Role::Inner);
                self.push(parts.into_iter().map(|part| (part, inner)).collect());
                Ok(())
            }
            None if at.is_array() => {
                self.leave_out(part, parts, |_| place);
                Ok(())
            }
            None => self.operation(part, parts, at.key(), Operator::Other, place),
        }
    }

    /// A container that is no node: its parts stand for it.
    fn leave_out(
        &mut self,
        part: Part<'t, 'a>,
        mut parts: Vec<Part<'t, 'a>>,
        place: impl Fn(&Part<'t, 'a>) -> Place,
    ) {
        if parts.is_empty() {
            return self.detail(part.at);
        }
        if let Some(first) = parts.first_mut() {
            first.holder = first.holder.or(part.holder);
        }
        let placed = parts.into_iter().map(|part| {
            let place = place(&part);
            (part, place)
        });
        self.push(placed.collect());
    }

    /// A node with inputs.
    fn operation(
        &mut self,
        part: Part<'t, 'a>,
        parts: Vec<Part<'t, 'a>>,
        native: &str,
        operator: Operator,
        place: Place,
    ) -> Result<(), PlanError> {
        self.open(part, native, operator, place)?;
        let sort = part.at.get("cost_info").and_then(|info| info.get("sort_cost"));
        let sort = sort.and_then(Ref::number).unwrap_or(0.0);
        let cost = place.cost.map(|cost| (cost - sort).max(0.0));
        let inside = Place { cost, ..Place::new(Role::Input) };
        self.push(parts.into_iter().map(|part| (part, inside)).collect());
        Ok(())
    }

    fn table(
        &mut self,
        part: Part<'t, 'a>,
        parts: Vec<Part<'t, 'a>>,
        place: Place,
    ) -> Result<(), PlanError> {
        let at = part.at;
        let text = |name| at.get(name).and_then(Ref::text);
        let number = |name| at.get(name).and_then(Ref::number);
        let is_true = |name| at.get(name).and_then(Ref::flag) == Some(true);
        let cost_of = |name| at.get("cost_info").and_then(|info| info.get(name))?.number();
        let word = text("access_type");
        let is_derived = parts.iter().any(|p| names::kind(p.at.key()) == Some(Kind::Materialized));
        let written = ["insert", "replace"].into_iter().find(|name| is_true(name));
        let (native, operator) = match (written, word) {
            (Some(name), _) => (name, Operator::Modify),
            (None, Some(word)) if is_derived => (word, Operator::DerivedScan),
            (None, Some(word)) => {
                (word, access::operator(word, text("table_name"), is_true("using_index")))
            }
            (None, None) => ("table", Operator::RowSource),
        };
        let own = match (cost_of("read_cost"), cost_of("eval_cost")) {
            (Some(read), Some(eval)) => Some(read + eval),
            // What is only written to has no part in the costs of what is read.
            _ if written.is_some() => None,
            _ => number("cost").or(place.cost),
        };
        self.open(part, native, operator, Place { cost: own, ..place })?;
        // MariaDB names the hash table of a join buffer, which is no index.
        let index = text("key").filter(|key| !key.starts_with("#hash#"));
        if index.is_none() {
            at.get("key").into_iter().for_each(|key| self.detail(key));
        }
        if written.is_some() && word.is_some_and(|word| word != "ALL") {
            at.get("access_type").into_iter().for_each(|word| self.detail(word));
        }
        if let Some(node) = self.builder.node() {
            node.index = index.map(Into::into);
            node.estimated.rows = number("rows_examined_per_scan").or_else(|| number("rows"));
        }
        let inside = |part: &Part<'t, 'a>| match names::kind(part.at.key()) {
            Some(Kind::Materialized) => Place::new(Role::Cte),
            _ => Place::new(Role::Input),
        };
        self.push(parts.into_iter().map(|part| (part, inside(&part))).collect());
        Ok(())
    }

    fn query_block(
        &mut self,
        part: Part<'t, 'a>,
        parts: Vec<Part<'t, 'a>>,
        place: Place,
    ) -> Result<(), PlanError> {
        let at = part.at;
        let query_cost = at.get("cost_info").and_then(|info| info.get("query_cost"));
        let cost = query_cost.or_else(|| at.get("cost")).and_then(Ref::number);
        if place.may_leave_out && parts.iter().map(weight).sum::<usize>() == 1 {
            match self.builder.depth() {
                0 => self.builder.plan().execution_ms = mariadb_json::total_ms(at),
                _ => self.label(at),
            }
            self.measure(at);
            self.details(part, &[]);
            let inside = Place { cost, ..Place::new(place.role) };
            self.push(parts.into_iter().map(|part| (part, inside)).collect());
            return Ok(());
        }
        let has_message = parts.is_empty() && at.get("message").is_some();
        let operator = if has_message { Operator::RowSource } else { Operator::Other };
        if self.builder.depth() == 0 {
            self.builder.plan().execution_ms = mariadb_json::total_ms(at);
        }
        self.open(part, "query_block", operator, Place { cost, ..place })?;
        self.label(at);
        let inside = |part: &Part<'t, 'a>| match names::kind(part.at.key()) {
            Some(Kind::Subqueries | Kind::SubqueriesOfOptimizer) => Place::new(Role::SubPlan),
            _ => Place { cost, ..Place::new(Role::Input) },
        };
        self.push(parts.into_iter().map(|part| (part, inside(&part))).collect());
        Ok(())
    }

    /// Opens a node for a part, with all that it says but its parts.
    fn open(
        &mut self,
        part: Part<'t, 'a>,
        native: &str,
        operator: Operator,
        place: Place,
    ) -> Result<(), PlanError> {
        let at = part.at;
        let node = self.builder.open(place.role, native, operator, at.offset())?;
        node.relation = at.get("table_name").and_then(Ref::text).map(Into::into);
        node.estimated.total_cost = place.cost;
        self.times.push(Time::Unknown);
        self.work.push(Step::Close);
        self.measure(at);
        let own: &[&str] = match names::kind(at.key()) {
            Some(Kind::Table) => &["access_type", "key", "rows", "rows_examined_per_scan"],
            _ => &[],
        };
        self.details(part, own);
        Ok(())
    }

    /// Notes the number of a query block on the innermost node.
    fn label(&mut self, block: Ref<'t, 'a>) {
        let id = block.get("select_id").and_then(Ref::text);
        if let (Some(node), Some(id)) = (self.builder.node(), id) {
            node.label = Some(format!("select #{id}").into());
        }
    }

    /// Notes on the innermost node what running this showed.
    fn measure(&mut self, at: Ref<'t, 'a>) {
        let Some((actual, time)) = mariadb_json::measured(at) else { return };
        if let (Some(node), Some(own)) = (self.builder.node(), self.times.last_mut()) {
            node.actual = actual;
            *own = time;
        }
    }

    /// The members of a part that are neither parts nor fields of the node, and those of the item
    /// that it stands in.
    fn details(&mut self, part: Part<'t, 'a>, own: &[&str]) {
        let holder = part.holder.into_iter().flat_map(Ref::children);
        let members = match part.at.is_object() {
            true => Some(part.at.children()),
            false => None,
        };
        for member in holder.chain(members.into_iter().flatten()) {
            let fields = ["table_name", "r_loops", "r_rows"];
            let is_field = own.contains(&member.key()) || fields.contains(&member.key());
            if !(is_part(member) || is_field && is_readable(member)) {
                self.detail(member);
            }
        }
    }

    /// A detail of the innermost node; of the plan where none is open.
    fn detail(&mut self, member: Ref<'t, 'a>) {
        if member.key() == "cost_info" && member.is_object() {
            return member.children().for_each(|cost| self.detail(cost));
        }
        // Costs are printed as texts.
        let value = match (member.key().ends_with("_cost"), member.text()) {
            (true, Some(text)) => number_or_text(text),
            _ => member.to_value(),
        };
        self.push_detail(member.key(), value, names::is_plain(member.key()));
    }

    /// The members of a container that is no node, but for its parts, as one detail.
    fn group(&mut self, at: Ref<'t, 'a>) {
        let mut group = Properties::default();
        for member in at.children().filter(|member| !is_part(*member)) {
            group.push(member.key(), member.to_value());
        }
        if !group.is_empty() {
            self.push_detail(at.key(), Value::Group(group), false);
        }
    }

    fn push_detail(&mut self, name: &str, value: Value, is_plain: bool) {
        match (self.builder.depth(), is_plain) {
            (0, _) => self.builder.plan_detail(name, value, is_plain),
            (_, true) => self.builder.detail(name, value, true),
            (_, false) => masking::detail(&mut self.builder, name, value),
        }
    }
}

/// Whether a field of a node could be read: what should be a number and is none stays a detail.
fn is_readable(member: Ref<'_, '_>) -> bool {
    let is_number = member.key().contains("rows") || member.key() == "r_loops";
    !is_number || member.text().is_none() || member.number().is_some()
}

/// How often a subquery runs: once, if it neither depends on the rows around it nor must be run anew.
fn role_of_subquery(part: &Part<'_, '_>) -> Role {
    let flag = |name| part.holder.and_then(|holder| holder.get(name)).and_then(Ref::flag);
    match (part.at.key(), flag("dependent"), flag("cacheable")) {
        ("materialization", ..) => Role::Cte,
        (_, Some(false), Some(true) | None) => Role::InitPlan,
        _ => Role::SubPlan,
    }
}

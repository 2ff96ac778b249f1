//! From the rows of a table to its plan, in the shape that the JSON form of the same statement has.
//!
//! A select is left out where it is the statement or the content of `materialized` and has one part;
//! else it is a node `query_block`. Nothing is nested by recursion, and each row becomes exactly one
//! node, however the rows name one another.

use super::extra;
use super::selects::{Holder, Select, Selects};
use super::{Row, Rows};
use crate::model::event::Engine;
use crate::model::plan::{Actual, Measured, Operator, Plan, Properties, Quantity, Role, Value};
use crate::read::plans::mysql::{access, masking};
use crate::read::plans::tree::number_or_text;
use crate::read::plans::{Builder, Literals, PlanError};

/// Builds the plan of a table.
pub fn plan(
    table: &Rows<'_>,
    engine: Engine,
    format: &'static str,
    literals: Literals,
) -> Result<Plan, PlanError> {
    let selects = Selects::of(table);
    let mut in_select = vec![Vec::new(); selects.selects.len()];
    let mut in_row = vec![None; table.rows.len()];
    for (at, unit) in selects.units.iter().enumerate() {
        match unit.holder {
            Holder::Statement => {}
            Holder::Row(row) => in_row.get_mut(row).into_iter().for_each(|unit| *unit = Some(at)),
            Holder::Select(select) => {
                in_select.get_mut(select).into_iter().for_each(|units| units.push(at));
            }
        }
    }
    let mut build = Build {
        table,
        engine,
        is_built: vec![false; selects.units.len()],
        selects,
        in_select,
        in_row,
        builder: Builder::new(engine, format, literals),
        work: Vec::new(),
    };
    build.work.push(Step::Unit(0, Role::Root));
    build.run()?;
    // Units that name one another in a circle hang nowhere.
    for unit in 0..build.is_built.len() {
        build.work.push(Step::Unit(unit, Role::SubPlan));
        build.run()?;
    }
    build.builder.finish()
}

#[derive(Clone, Copy)]
enum Step {
    /// A unit in this role.
    Unit(usize, Role),
    /// A select in this role.
    Select(usize, Role),
    /// The tables of a select, joined.
    Tables(usize, Role),
    /// One table.
    Row(usize, Role),
    /// The end of a node.
    Close,
}

struct Build<'t, 'a> {
    table: &'t Rows<'a>,
    engine: Engine,
    selects: Selects,
    is_built: Vec<bool>,
    /// The units that each select holds in its expressions.
    in_select: Vec<Vec<usize>>,
    /// The unit that each table scans.
    in_row: Vec<Option<usize>>,
    builder: Builder,
    work: Vec<Step>,
}

impl<'a> Build<'_, 'a> {
    fn run(&mut self) -> Result<(), PlanError> {
        while let Some(step) = self.work.pop() {
            match step {
                Step::Unit(unit, role) => self.unit(unit, role)?,
                Step::Select(select, role) => self.select(select, role)?,
                Step::Tables(select, role) => self.tables(select, role)?,
                Step::Row(row, role) => self.row(row, role)?,
                // The root stays open for what hangs nowhere.
                Step::Close if self.builder.depth() > 1 => self.builder.close(),
                Step::Close => {}
            }
        }
        Ok(())
    }

    /// Puts steps before all others, in their order.
    fn push(&mut self, steps: impl DoubleEndedIterator<Item = Step>) {
        self.work.extend(steps.rev());
    }

    fn open(
        &mut self,
        role: Role,
        native: &str,
        operator: Operator,
        row: Option<usize>,
    ) -> Result<(), PlanError> {
        let offset = row.and_then(|row| self.table.rows.get(row)).map_or(0, |row| row.offset);
        self.builder.open(role, native, operator, offset)?;
        self.work.push(Step::Close);
        Ok(())
    }

    fn row_of(&self, select: usize) -> Option<usize> {
        self.selects.selects.get(select).and_then(|select| select.rows.first()).copied()
    }

    fn select_type(&self, select: usize) -> &'a str {
        let row = self.row_of(select).and_then(|row| self.table.rows.get(row));
        row.map_or("", Row::select_type)
    }

    /// A unit: its select, or the result of its selects. A subquery has a block around its union.
    fn unit(&mut self, at: usize, role: Role) -> Result<(), PlanError> {
        let is_new = self.is_built.get_mut(at).filter(|is_built| !**is_built);
        let (Some(is_built), Some(unit)) = (is_new, self.selects.units.get(at)) else {
            return Ok(());
        };
        *is_built = true;
        let (result, members) = (unit.result, unit.members.clone());
        let Some(first) = members.first().copied() else { return Ok(()) };
        let select_type = self.select_type(first);
        let mut role = role;
        // MariaDB's way of an IN whose rows are kept and looked up.
        if role == Role::SubPlan && select_type == "MATERIALIZED" {
            self.open(Role::Cte, "materialization", Operator::Materialize, self.row_of(first))?;
            role = Role::Input;
        }
        if members.len() < 2 && result.is_none() {
            self.push([Step::Select(first, role)].into_iter());
            return Ok(());
        }
        if role == Role::SubPlan {
            self.query_block(first, role_of(select_type))?;
            role = Role::Input;
        }
        match result {
            Some(row) => {
                let words = self.table.rows.get(row).map_or("", Row::select_type);
                let is_recursive = |member: &usize| self.select_type(*member) == "RECURSIVE UNION";
                let (native, operator) = match words.split(' ').next() {
                    Some("INTERSECT") => ("intersect_result", Operator::SetOperation),
                    Some("EXCEPT") => ("except_result", Operator::SetOperation),
                    _ if members.iter().any(is_recursive) => {
                        ("recursive_union", Operator::RecursiveUnion)
                    }
                    _ => ("union_result", Operator::Append),
                };
                self.open(role, native, operator, Some(row))?;
                let relation = self.table.rows.get(row).and_then(|row| row.get("table"));
                if let Some(node) = self.builder.node() {
                    node.relation = relation.map(Into::into);
                }
                let access = self.table.rows.get(row).and_then(|row| row.get("type"));
                if let Some(access) = access {
                    self.builder.detail("access_type", Value::Text(access.into()), true);
                }
                self.figures(row, role == Role::Root);
            }
            // MySQL needs no table for a UNION ALL and has no row for it.
            None => {
                self.open(role, "union_result", Operator::Append, None)?;
                self.builder.detail("using_temporary_table", Value::Flag(false), true);
            }
        }
        self.push(members.into_iter().map(|member| Step::Select(member, Role::Member)));
        Ok(())
    }

    fn select(&mut self, at: usize, role: Role) -> Result<(), PlanError> {
        let held = self.in_select.get(at).cloned().unwrap_or_default();
        let rows = self.selects.selects.get(at).map_or(&[][..], |select| &select.rows);
        let (writes, _) = self.parts(at);
        let parts = writes.len() + usize::from(rows.len() > writes.len()) + held.len();
        let is_input = matches!(role, Role::Root | Role::Input);
        // MySQL's JSON form of a select without tables is a block that says why.
        let is_message = self.engine == Engine::Mysql && parts == 1 && self.is_message(rows);
        if is_message || (is_input && parts == 1) {
            let is_inside = self.builder.node().is_some_and(|node| &*node.native == "materialized");
            let label = self.label(at);
            if let Some(node) = self.builder.node().filter(|_| is_inside) {
                node.label = label;
            }
            self.push([Step::Tables(at, role)].into_iter());
            return Ok(());
        }
        let role = if role == Role::SubPlan { role_of(self.select_type(at)) } else { role };
        self.query_block(at, role)?;
        let units = held.into_iter().map(|unit| Step::Unit(unit, Role::SubPlan));
        let tables = [Step::Tables(at, Role::Input)].into_iter();
        self.push(tables.chain(units).collect::<Vec<_>>().into_iter());
        Ok(())
    }

    /// A select's own node.
    fn query_block(&mut self, select: usize, role: Role) -> Result<(), PlanError> {
        self.open(role, "query_block", Operator::Other, self.row_of(select))?;
        let label = self.label(select);
        if let Some(node) = self.builder.node() {
            node.label = label;
        }
        let select_type = self.select_type(select);
        self.dependence(select_type);
        Ok(())
    }

    /// What the type of a select says, by the names of the JSON form.
    fn dependence(&mut self, select_type: &str) {
        let last = select_type.rsplit(' ').next().unwrap_or_default();
        if matches!(
            last,
            "SUBQUERY" | "UNION" | "DERIVED" | "MATERIALIZED" | "INTERSECT" | "EXCEPT"
        ) {
            let is_dependent = ["DEPENDENT", "LATERAL"].iter().any(|w| select_type.starts_with(w));
            let is_cacheable = !is_dependent && !select_type.starts_with("UNCACHEABLE");
            self.builder.detail("dependent", Value::Flag(is_dependent), true);
            self.builder.detail("cacheable", Value::Flag(is_cacheable), true);
        }
    }

    fn label(&self, select: usize) -> Option<Box<str>> {
        let id = self.selects.selects.get(select).and_then(|select: &Select| select.id)?;
        Some(format!("select #{id}").into())
    }

    /// The rows of a select that are written to, and those that are read.
    fn parts(&self, select: usize) -> (Vec<usize>, Vec<usize>) {
        let rows = self.selects.selects.get(select).map_or(&[][..], |select| &select.rows);
        let is_written = |row: &usize| {
            let select_type = self.table.rows.get(*row).map_or("", Row::select_type);
            matches!(select_type, "INSERT" | "REPLACE")
        };
        rows.iter().copied().partition(is_written)
    }

    fn is_message(&self, rows: &[usize]) -> bool {
        let is_without = |row: &Row<'_>| row.get("table").is_none() && row.get("type").is_none();
        rows.first().and_then(|row| self.table.rows.get(*row)).is_some_and(is_without)
    }

    fn tables(&mut self, select: usize, role: Role) -> Result<(), PlanError> {
        let (writes, reads) = self.parts(select);
        let writes: Vec<_> = writes.into_iter().map(|row| Step::Row(row, role)).collect();
        if reads.len() < 2 {
            let reads = reads.into_iter().map(|row| Step::Row(row, role));
            self.push(writes.into_iter().chain(reads).collect::<Vec<_>>().into_iter());
            return Ok(());
        }
        if writes.is_empty() {
            self.open(role, "nested_loop", Operator::NestedLoop, reads.first().copied())?;
            let role = |at| if at == 0 { Role::Outer } else { Role::Inner };
            let rows = reads.into_iter().enumerate().map(|(at, row)| Step::Row(row, role(at)));
            self.push(rows.collect::<Vec<_>>().into_iter());
            return Ok(());
        }
        // First what is written to, then the join.
        if let Some(select) = self.selects.selects.get_mut(select) {
            select.rows = reads;
        }
        let join = [Step::Tables(select, role)];
        self.push(writes.into_iter().chain(join).collect::<Vec<_>>().into_iter());
        Ok(())
    }

    fn row(&mut self, at: usize, role: Role) -> Result<(), PlanError> {
        let Some(row) = self.table.rows.get(at) else { return Ok(()) };
        let relation = row.get("table");
        let unit = self.in_row.get(at).copied().flatten();
        let unit = unit.filter(|unit| self.is_built.get(*unit) == Some(&false));
        // `ref|filter`: rows of another index are left out before they are read.
        let word = row.get("type").map(|word| word.split('|').next().unwrap_or(word));
        let remarks = extra::read(row.get("Extra").unwrap_or_default());
        let covers = remarks.iter().any(|remark| remark.name == "using_index");
        let is_message = relation.is_none() && word.is_none();
        let (native, operator) = match (row.select_type(), word) {
            ("INSERT", _) => ("insert", Operator::Modify),
            ("REPLACE", _) => ("replace", Operator::Modify),
            (_, Some(word)) if unit.is_some() => (word, Operator::DerivedScan),
            (_, Some(word)) => (word, access::operator(word, relation, covers)),
            (_, None) if self.engine == Engine::Mysql && is_message => {
                ("query_block", Operator::RowSource)
            }
            (_, None) => ("table", Operator::RowSource),
        };
        self.open(role, native, operator, Some(at))?;
        if let Some(node) = self.builder.node() {
            node.relation = relation.map(Into::into);
            node.index = row.get("key").map(|key| key.split('|').next().unwrap_or(key).into());
        }
        self.row_details(row);
        if is_message && native == "query_block" {
            let select = self.selects.selects.iter().find(|select| select.rows.contains(&at));
            let label = select.and_then(|select| select.id).map(|id| format!("select #{id}"));
            if let Some(node) = self.builder.node() {
                node.label = label.map(Into::into);
            }
        }
        for remark in remarks {
            match (is_message, remark.name, remark.may_hold_literals) {
                (true, "Extra", _) => self.builder.detail("message", remark.value, true),
                (_, name, true) => masking::detail(&mut self.builder, name, remark.value),
                (_, name, false) => self.builder.detail(name, remark.value, true),
            }
        }
        self.figures(at, matches!(row.select_type(), "SIMPLE" | "PRIMARY"));
        if let Some(unit) = unit {
            self.open(Role::Cte, "materialized", Operator::Materialize, Some(at))?;
            self.work.push(Step::Unit(unit, Role::Input));
        }
        Ok(())
    }

    /// The columns that are no fields of a node, by the names of the JSON form.
    fn row_details(&mut self, row: &Row<'_>) {
        let list =
            |text: &str| Value::List(text.split(',').map(|one| Value::Text(one.into())).collect());
        let mut add = |name: &str, value: Value| self.builder.detail(name, value, true);
        let select_type = row.select_type();
        if !select_type.is_empty() {
            add("select_type", Value::Text(select_type.into()));
        }
        for (column, name) in
            [("partitions", "partitions"), ("possible_keys", "possible_keys"), ("ref", "ref")]
        {
            if let Some(text) = row.get(column) {
                add(name, list(text));
            }
        }
        if let Some(length) = row.get("key_len") {
            let length = length.split('|').next().unwrap_or(length);
            add("key_length", Value::Text(length.into()));
        }
        if let Some((_, key)) = row.get("key").and_then(|key| key.split_once('|')) {
            let mut filter = Properties::default();
            filter.push("key", Value::Text(key.into()));
            let percent = row.get("rows").and_then(|rows| rows.split_once('('));
            if let Some((percent, _)) = percent.and_then(|(_, percent)| percent.split_once('%')) {
                filter.push("selectivity_pct", number_or_text(percent));
            }
            add("rowid_filter", Value::Group(filter));
        }
        for column in ["filtered", "r_rows", "r_filtered"] {
            if let Some(text) = row.get(column) {
                add(column, number_or_text(first_word(text)));
            }
        }
    }

    /// What was expected, and what ANALYZE measured: means of one loop. How many loops there were is
    /// said of no table; only the first of the statement is sure to have one.
    fn figures(&mut self, at: usize, is_of_statement: bool) {
        let Some(row) = self.table.rows.get(at) else { return };
        let is_first = self.builder.node().is_some_and(|node| node.role != Role::Inner);
        let Some(node) = self.builder.node() else { return };
        node.estimated.rows = row.get("rows").and_then(|rows| first_word(rows).parse().ok());
        if !row.has("r_rows") || (row.get("table").is_none() && row.get("type").is_none()) {
            return;
        }
        match row.get("r_rows").map(|rows| first_word(rows).parse::<f64>()) {
            None if row.get("type").is_some_and(|word| matches!(word, "const" | "system")) => {
                // Read while the statement was optimized.
            }
            None => node.actual = Actual::Never,
            Some(Ok(rows)) if is_of_statement && is_first && rows.is_finite() && rows >= 0.0 => {
                let rows = Some(Quantity::of_one_loop(rows, 0.0));
                let measured = Measured { loops: 1, rows, first_ms: None, total_ms: None };
                node.actual = Actual::Ran(measured);
            }
            Some(_) => {}
        }
    }
}

/// `58 (34%)` is 58.
fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

/// How often a subquery runs.
fn role_of(select_type: &str) -> Role {
    match select_type {
        "SUBQUERY" => Role::InitPlan,
        _ => Role::SubPlan,
    }
}

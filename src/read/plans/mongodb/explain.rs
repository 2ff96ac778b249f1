//! A whole explain document: which of its forms it has, and what it says of the plan as a whole.
//!
//! In: Extended JSON. Details of a planner and of an execution stand with the plan where there is
//! one of them, and with the topmost node of each shard where there are several.

use super::scalar::{member_number, member_text, to_value};
use super::stage::{Place, collection_of, is_stage, wrapped};
use super::{FORMAT, detail, legacy, slots};
use crate::lang::mongo::ejson::push_string;
use crate::model::event::Engine;
use crate::model::plan::{Plan, Properties, Role, Value};
use crate::read::plans::tree::{Ref, parse_json};
use crate::read::plans::{Builder, Literals, PlanError};

/// Members under which clients put a whole explain.
const WRAPPERS: [&str; 5] = ["explain", "explainPlan", "explainOutput", "plan", "result"];

/// The form of a document.
enum Form<'t, 'a> {
    /// One tree, with what the planner and the execution say.
    Query { planner: Option<Ref<'t, 'a>>, stats: Option<Ref<'t, 'a>> },
    /// The stages of a pipeline.
    Pipeline(Ref<'t, 'a>),
    /// Explains of shards.
    Shards(Ref<'t, 'a>),
    /// A stage by itself.
    Stage(Ref<'t, 'a>),
    /// A cursor of 2.4.
    Legacy,
}

/// Reads one document; `None` if it is no explain.
pub(super) fn read(ejson: &str, literals: Literals) -> Result<Option<Plan>, PlanError> {
    let (tree, _) = parse_json(ejson)?;
    let Some((document, form)) = form_of(tree.root()) else { return Ok(None) };
    let mut reader = Reader::new(ejson, literals);
    reader.document(document, form)?;
    reader.builder.finish().map(Some)
}

/// Whether Extended JSON is an explain document.
pub(super) fn is_explain(ejson: &str) -> bool {
    parse_json(ejson).is_ok_and(|(tree, _)| form_of(tree.root()).is_some())
}

/// Reads the `execStats` of one of the profiler's documents, or of a log line's operation: a tree of
/// stages of a run on the namespace beside it. Extended JSON; an error if there is no such tree.
pub fn of_operation(operation: &str, literals: Literals) -> Result<Plan, PlanError> {
    let (tree, _) = parse_json(operation)?;
    let root = tree.root();
    let Some(stages) = root.get("execStats").filter(|stages| is_stage(*stages)) else {
        return Err(PlanError::at(0, "no tree of stages in its execStats"));
    };
    let namespace = member_text(root, "ns");
    let mut reader = Reader::new(operation, literals);
    reader.tree(stages, namespace.map(collection_of))?;
    reader.builder.finish()
}

fn form_of<'t, 'a>(root: Ref<'t, 'a>) -> Option<(Ref<'t, 'a>, Form<'t, 'a>)> {
    let own = own_form(root).map(|form| (root, form));
    own.or_else(|| {
        let inner = WRAPPERS.iter().find_map(|name| root.get(name))?;
        Some((inner, own_form(inner)?))
    })
}

fn own_form<'t, 'a>(document: Ref<'t, 'a>) -> Option<Form<'t, 'a>> {
    let is_profiled = document.get("op").is_some() && document.get("ns").is_some();
    if !document.is_object() || is_profiled {
        return None;
    }
    let planner = document.get("queryPlanner").filter(|p| p.get("winningPlan").is_some());
    let stats = document.get("executionStats").filter(|s| s.get("executionStages").is_some());
    if legacy::is_cursor(document) {
        return Some(Form::Legacy);
    }
    if let Some(shards) = document.get("shards").filter(|shards| are_shards(*shards)) {
        return Some(Form::Shards(shards));
    }
    if let Some(stages) = document.get("stages").filter(|stages| is_pipeline(*stages)) {
        return Some(Form::Pipeline(stages));
    }
    if planner.is_some() || stats.is_some() {
        return Some(Form::Query { planner, stats });
    }
    if document.get("winningPlan").is_some_and(|plan| is_stage(plan) || wrapped(plan).is_some()) {
        return Some(Form::Query { planner: Some(document), stats: None });
    }
    if document.get("executionStages").is_some_and(is_stage) {
        return Some(Form::Query { planner: None, stats: Some(document) });
    }
    const OF_STAGES: [&str; 6] =
        ["inputStage", "inputStages", "nReturned", "direction", "planNodeId", "keyPattern"];
    let is_lone = is_stage(document) && OF_STAGES.iter().any(|name| document.get(name).is_some());
    is_lone.then_some(Form::Stage(document))
}

fn are_shards(shards: Ref<'_, '_>) -> bool {
    const OF_SHARDS: [&str; 4] = ["queryPlanner", "stages", "executionStats", "winningPlan"];
    shards.children().any(|shard| OF_SHARDS.iter().any(|name| shard.get(name).is_some()))
}

fn is_pipeline(stages: Ref<'_, '_>) -> bool {
    let is_stage = |stage: Ref<'_, '_>| {
        stage.children().next().is_some_and(|member| member.key().starts_with('$'))
    };
    stages.is_array() && stages.children().next().is_some() && stages.children().all(is_stage)
}

/// Reads one document.
pub(super) struct Reader<'t> {
    pub builder: Builder,
    /// The text of the tree.
    pub ejson: &'t str,
    pub literals: Literals,
}

impl<'t, 'a> Reader<'t> {
    fn new(ejson: &'t str, literals: Literals) -> Self {
        Reader { builder: Builder::new(Engine::Mongodb, FORMAT, literals), ejson, literals }
    }

    fn document(&mut self, document: Ref<'t, 'a>, form: Form<'t, 'a>) -> Result<(), PlanError> {
        self.statement(document, &form);
        // Where a part of an explain stands alone, all in it is about that part.
        let is_part = match form {
            Form::Legacy | Form::Stage(_) => true,
            Form::Query { planner, stats } => {
                planner.or(stats).is_some_and(|part| part.offset() == document.offset())
            }
            Form::Pipeline(_) | Form::Shards(_) => false,
        };
        if !is_part {
            self.common(document);
        }
        match form {
            Form::Query { planner, stats } => {
                let about = self.about(planner, stats);
                self.of_plan(about);
                let plan = self.builder.plan();
                plan.planning_ms = planner.and_then(|p| member_number(p, "optimizationTimeMillis"));
                if let Some(ms) = stats.and_then(|s| member_number(s, "planningTimeMillis")) {
                    plan.planning_ms = Some(ms);
                }
                plan.execution_ms = stats.and_then(|s| member_number(s, "executionTimeMillis"));
                self.query(planner, stats, Role::Root, None, Properties::default())
            }
            Form::Pipeline(stages) => {
                self.builder.plan().execution_ms = self.pipeline_ms(stages);
                self.pipeline(stages, Role::Root, true, Properties::default())
            }
            Form::Shards(shards) => self.sharded(document, shards),
            Form::Stage(stage) => self.tree(stage, None),
            Form::Legacy => self.legacy(document),
        }
    }

    /// A tree that nothing is said about.
    fn tree(&mut self, stage: Ref<'t, 'a>, collection: Option<&str>) -> Result<(), PlanError> {
        let place = Place { collection, slots: None, planned: None, is_fetched: false };
        self.stage(stage, Role::Root, &place, Properties::default())
    }

    /// What one planner chose, with what its execution showed.
    pub fn query(
        &mut self,
        planner: Option<Ref<'t, 'a>>,
        stats: Option<Ref<'t, 'a>>,
        role: Role,
        collection: Option<&str>,
        above: Properties,
    ) -> Result<(), PlanError> {
        let winning = planner.and_then(|planner| planner.get("winningPlan"));
        let executed = stats.and_then(|stats| stats.get("executionStages"));
        let executed = executed.filter(|stages| is_stage(*stages));
        let namespace = planner.and_then(|planner| member_text(planner, "namespace"));
        let collection = namespace.map(collection_of).or(collection);
        let planned = winning.and_then(|winning| winning.get("shards"));
        let mut place = Place { collection, slots: None, planned, is_fetched: false };
        if let Some(plan) = winning.and_then(wrapped) {
            let nodes = executed.map(slots::by_node).filter(|nodes| !nodes.is_empty());
            place.slots = nodes.as_ref();
            return self.stage(plan, role, &place, above);
        }
        match executed.or(winning) {
            Some(stage) => self.stage(stage, role, &place, above),
            None => Err(PlanError::at(0, "no stage in it")),
        }
    }

    /// Details of a planner and of an execution.
    pub fn about(&self, planner: Option<Ref<'t, 'a>>, stats: Option<Ref<'t, 'a>>) -> Properties {
        let mut about = Properties::default();
        let members = planner.into_iter().chain(stats).flat_map(Ref::children);
        for member in members {
            match member.key() {
                "winningPlan" | "executionStages" | "shards" | "serverInfo" => {}
                "rejectedPlans" => {
                    let plans: Vec<_> = member.children().map(indexes_of).collect();
                    about.push("rejectedPlans", Value::Number(plans.len() as f64));
                    if !plans.is_empty() {
                        about.push("rejectedIndexes", Value::List(plans.into()));
                    }
                }
                "allPlansExecution" => {
                    let plans: Box<[_]> = member.children().flat_map(tried).collect();
                    if !plans.is_empty() {
                        about.push("allPlansExecution", Value::List(plans));
                    }
                }
                name => about.push(name, detail::of_member(self.ejson, member, self.literals)),
            }
        }
        about
    }

    /// Notes details of the plan as a whole, which hold no constants any more.
    pub fn of_plan(&mut self, about: Properties) {
        for (name, value) in about {
            self.builder.plan().details.push(name, value);
        }
    }

    /// Notes details of the innermost open node, which hold no constants any more.
    pub fn of_node(&mut self, about: Properties) {
        let Some(node) = self.builder.node() else { return };
        for (name, value) in about {
            node.details.push(name, value);
        }
    }

    /// What stands beside the plan: server, settings, versions.
    fn common(&mut self, document: Ref<'t, 'a>) {
        // The answer's envelope is about the connection; plans and what is about them are told apart.
        const TOLD: [&str; 7] = [
            "ok",
            "operationTime",
            "command",
            "stages",
            "queryPlanner",
            "executionStats",
            "splitPipeline",
        ];
        for member in document.children() {
            let name = member.key();
            if !name.starts_with('$') && !TOLD.contains(&name) && name != "shards" {
                let value = detail::of_member(self.ejson, member, self.literals);
                self.builder.plan().details.push(name, value);
            }
        }
    }

    /// The command, or what stands for it where a server or a person left it out.
    fn statement(&mut self, document: Ref<'t, 'a>, form: &Form<'t, 'a>) {
        let planner = self.first_planner(document, form);
        let namespace = planner.and_then(|planner| member_text(planner, "namespace"));
        let (database, collection) =
            namespace.unwrap_or_default().split_once('.').unwrap_or(("", ""));
        if let Some(command) = document.get("command").filter(|c| c.children().next().is_some()) {
            let source = detail::source(self.ejson, command);
            let needs_database = command.get("$db").is_none() && !database.is_empty();
            let text = match source.trim_end().strip_suffix('}').filter(|_| needs_database) {
                Some(open) => closed(open.as_bytes().to_vec(), database),
                None => source.to_owned(),
            };
            return self.builder.statement(&text);
        }
        let Some(planner) = planner.filter(|_| !collection.is_empty()) else { return };
        let query = planner.get("parsedQuery");
        let query = query.map_or("{}", |query| detail::source(self.ejson, query));
        let mut text = b"{\"".to_vec();
        let mut begin = |name: &str, member: &str, value: &str| {
            text.extend_from_slice(name.as_bytes());
            text.extend_from_slice(b"\":");
            push_string(collection.as_bytes(), &mut text);
            text.extend_from_slice(b",\"");
            text.extend_from_slice(member.as_bytes());
            text.extend_from_slice(b"\":");
            text.extend_from_slice(value.as_bytes());
        };
        match form {
            Form::Pipeline(stages) => {
                begin("aggregate", "pipeline", &self.pipeline_text(query, *stages));
            }
            Form::Query { .. } => match top_stage(planner) {
                Some("COUNT" | "COUNT_SCAN" | "RECORD_STORE_FAST_COUNT") => {
                    begin("count", "query", query);
                }
                // What a write changes, and what a distinct asks for, is not in its plan.
                Some("UPDATE" | "DELETE" | "BATCHED_DELETE" | "UPSERT" | "DISTINCT_SCAN") => return,
                _ => begin("find", "filter", query),
            },
            _ => return,
        }
        let text = closed(text, database);
        self.builder.statement(&text);
    }

    /// The planner that tells the namespace.
    fn first_planner(&self, document: Ref<'t, 'a>, form: &Form<'t, 'a>) -> Option<Ref<'t, 'a>> {
        let of_stages = |stages: Ref<'t, 'a>| {
            let cursor = stages.children().next()?.children().next()?;
            cursor.get("queryPlanner")
        };
        match form {
            Form::Query { planner, .. } => {
                let planner = (*planner)?;
                let shard = planner.get("winningPlan")?.get("shards");
                let shard = shard.and_then(|shards| shards.children().next());
                if planner.get("namespace").is_some() { Some(planner) } else { shard }
            }
            Form::Pipeline(stages) => of_stages(*stages),
            Form::Shards(shards) => {
                let shard = shards.children().next()?;
                shard.get("queryPlanner").or_else(|| of_stages(shard.get("stages")?))
            }
            Form::Stage(_) => None,
            Form::Legacy => Some(document),
        }
    }

    /// A pipeline as the planner left it.
    fn pipeline_text(&self, query: &str, stages: Ref<'t, 'a>) -> String {
        let mut parts = Vec::new();
        if query != "{}" {
            parts.push(format!("{{\"$match\":{query}}}"));
        }
        for member in stages.children().filter_map(|stage| stage.children().next()) {
            if member.get("queryPlanner").is_none() {
                let key = member.get("sortKey").filter(|_| member.key() == "$sort");
                let mut part = b"{".to_vec();
                push_string(member.key().as_bytes(), &mut part);
                part.push(b':');
                part.extend_from_slice(
                    detail::source(self.ejson, key.unwrap_or(member)).as_bytes(),
                );
                part.push(b'}');
                parts.push(String::from_utf8_lossy(&part).into_owned());
            }
        }
        format!("[{}]", parts.join(","))
    }
}

/// The name of the topmost stage that a planner chose.
fn top_stage<'t>(planner: Ref<'t, '_>) -> Option<&'t str> {
    let winning = planner.get("winningPlan")?;
    member_text(wrapped(winning).unwrap_or(winning), "stage")
}

/// A command without its closing bracket, ended behind its database.
fn closed(mut open: Vec<u8>, database: &str) -> String {
    let separator: &[u8] = if open.ends_with(b"{") { b"\"$db\":" } else { b",\"$db\":" };
    open.extend_from_slice(separator);
    push_string(database.as_bytes(), &mut open);
    open.push(b'}');
    String::from_utf8_lossy(&open).into_owned()
}

/// The indexes that a plan uses, or what it does without any.
fn indexes_of(plan: Ref<'_, '_>) -> Value {
    let (mut names, mut leaf) = (Vec::new(), "");
    let mut open = vec![plan];
    while let Some(value) = open.pop() {
        names.extend(member_text(value, "indexName"));
        leaf = member_text(value, "stage").unwrap_or(leaf);
        let inner: Vec<_> = value.children().filter(|v| v.is_object() || v.is_array()).collect();
        open.extend(inner.into_iter().rev());
    }
    Value::Text(if names.is_empty() { leaf.into() } else { names.join(", ").into() })
}

/// Plans that were tried, of a shard or of a server: their counts and their indexes.
fn tried(entry: Ref<'_, '_>) -> Vec<Value> {
    if let Some(plans) = entry.get("allPlans") {
        return plans.children().flat_map(tried).collect();
    }
    let mut group = Properties::default();
    for member in entry.children().filter(|member| member.key() != "executionStages") {
        group.push(member.key(), to_value(member));
    }
    if let Some(stages) = entry.get("executionStages") {
        group.push("indexes", indexes_of(stages));
    }
    vec![Value::Group(group)]
}

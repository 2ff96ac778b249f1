//! The nodes of a plan, in the order of the text form, without recursion.
//!
//! Children stand in `Plans`. Extensions put whole plans elsewhere: Citus has the plans of its shards
//! in `Distributed Query`, below jobs and tasks. Whatever member holds nodes is followed, so that no
//! node is lost; tasks and subplans become nodes as they are in the text form, and what else stands
//! on the way is kept with the node above.

use super::super::super::tree::{Holders, Ref, Scalar, Tree};
use super::super::super::{Builder, PlanError};
use super::super::operator::{input_role, operator};
use super::super::quantity;
use super::fields::Fields;
use super::{detail, is_node};
use crate::model::plan::{Operator, Properties};

/// Members that are `Plans` of another extension's making, and the words the text form has for their
/// items.
const GROUPS: [(&str, &str); 3] =
    [("Tasks", "Task"), ("Subplans", "Distributed Subplan"), ("Dependent Jobs", "MapMergeJob")];

/// Members of Citus that lead to nodes, even where they hold none: a task whose plan could not be had
/// is a node, too.
const LEADING: [&str; 2] = ["Distributed Query", "Job"];

/// Reads a node and all below it.
pub fn read(root: Ref<'_, '_>, tree: &Tree<'_>, builder: &mut Builder) -> Result<(), PlanError> {
    let mut walk = Walk { tree, holders: None, todo: vec![Step::Node(root, None)] };
    while let Some(step) = walk.todo.pop() {
        match step {
            Step::Node(at, above) => walk.node(at, above, builder)?,
            Step::Around(at, above) => walk.around(at, above, builder)?,
            Step::Group(at, native, above) => walk.group(at, native, above, builder)?,
            Step::Close => builder.close(),
        }
    }
    Ok(())
}

enum Step<'t, 'a> {
    /// A node, and what the node above it does.
    Node(Ref<'t, 'a>, Option<Operator>),
    /// What holds nodes and is none itself.
    Around(Ref<'t, 'a>, Operator),
    /// An item of one of [`GROUPS`], and the words for it.
    Group(Ref<'t, 'a>, &'static str, Operator),
    /// The innermost open node ends.
    Close,
}

struct Walk<'t, 'a> {
    tree: &'t Tree<'a>,
    /// Where nodes are: only asked for where a member may hold some.
    holders: Option<Holders>,
    todo: Vec<Step<'t, 'a>>,
}

impl<'t, 'a> Walk<'t, 'a> {
    fn node(
        &mut self,
        at: Ref<'t, 'a>,
        above: Option<Operator>,
        builder: &mut Builder,
    ) -> Result<(), PlanError> {
        let mut fields = Fields::default();
        let mut details = Properties::default();
        let mut below = Vec::new();
        for member in at.children() {
            let name = member.key();
            if fields.take(name, member) || is_repeated(at, name, member) {
                continue;
            }
            if self.holds_nodes(member) {
                below.push(member);
            } else if let Some(value) = detail::value(builder, name, member) {
                details.push(name, value);
            }
        }
        let role = fields.role(above);
        let (relation, alias) = fields.relation_and_alias();
        let (native, unused) = fields.parts.compose();
        for member in unused {
            if let Some(value) = detail::value(builder, member.key(), member) {
                details.push(member.key(), value);
            }
        }
        let operator = operator(&native);
        let node = builder.open(role, &native, operator, at.offset())?;
        node.label = fields.label.map(Into::into);
        node.index = fields.index.map(Into::into);
        (node.relation, node.alias) = (relation, alias);
        node.estimated = fields.estimated;
        node.actual = quantity::actual(fields.loops, fields.rows, fields.first_ms, fields.total_ms);
        node.details = details;
        self.todo.push(Step::Close);
        for member in below.into_iter().rev() {
            self.todo.push(Step::Around(member, operator));
        }
        Ok(())
    }

    /// Something that holds nodes, such as `Plans`: nodes become children of the open node, and the
    /// rest its details.
    fn around(
        &mut self,
        at: Ref<'t, 'a>,
        above: Operator,
        builder: &mut Builder,
    ) -> Result<(), PlanError> {
        if is_node(at) {
            self.todo.push(Step::Node(at, Some(above)));
            return Ok(());
        }
        if let Some((_, native)) = GROUPS.iter().find(|(name, _)| *name == at.key())
            && at.is_array()
        {
            let first = self.todo.len();
            self.todo.extend(at.children().map(|item| Step::Group(item, native, above)));
            self.todo[first..].reverse();
            return Ok(());
        }
        self.members(at, above, builder);
        Ok(())
    }

    /// An item of a group: a node by the words of the text form.
    fn group(
        &mut self,
        at: Ref<'t, 'a>,
        native: &str,
        above: Operator,
        builder: &mut Builder,
    ) -> Result<(), PlanError> {
        if is_node(at) {
            return self.around(at, above, builder);
        }
        builder.open(input_role(above, false), native, Operator::Other, at.offset())?;
        self.todo.push(Step::Close);
        self.members(at, Operator::Other, builder);
        Ok(())
    }

    /// The members of what is no node: those that hold nodes are followed, the rest are details of
    /// the open node.
    fn members(&mut self, at: Ref<'t, 'a>, above: Operator, builder: &mut Builder) {
        let first = self.todo.len();
        for member in at.children() {
            if self.holds_nodes(member) {
                self.todo.push(Step::Around(member, above));
                continue;
            }
            let name = if member.key().is_empty() { at.key() } else { member.key() };
            if let Some(value) = detail::value(builder, name, member) {
                builder.detail(name, value, true);
            }
        }
        self.todo[first..].reverse();
    }

    /// Whether a member holds nodes.
    fn holds_nodes(&mut self, member: Ref<'t, 'a>) -> bool {
        let is_container = |at: Ref<'_, '_>| matches!(at.scalar(), Scalar::Object | Scalar::Array);
        let is_group = |name| GROUPS.iter().any(|(group, _)| *group == name);
        if (member.is_object() && LEADING.contains(&member.key()))
            || (member.is_array() && is_group(member.key()))
        {
            return true;
        }
        if !is_container(member) || !(member.is_object() || member.children().any(is_container)) {
            return false;
        }
        let tree = self.tree;
        self.holders.get_or_insert_with(|| tree.holders_of("Node Type")).is_in(member)
    }
}

/// Whether a member repeats another one of its node: what a hash join was planned with, where it ran
/// with the same. The text form tells it only where it differs.
fn is_repeated(node: Ref<'_, '_>, name: &str, member: Ref<'_, '_>) -> bool {
    let other = match name {
        "Original Hash Batches" => "Hash Batches",
        "Original Hash Buckets" => "Hash Buckets",
        _ => return false,
    };
    node.get(other).is_some_and(|other| other.text() == member.text())
}

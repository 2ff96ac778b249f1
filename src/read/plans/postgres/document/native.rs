//! The words that the text form prints for a node, from the members that hold their parts.

use super::super::super::tree::Ref;
use std::borrow::Cow;

/// The members that together name a node.
#[derive(Default)]
pub struct Parts<'t, 'a> {
    /// `Node Type`.
    pub node_type: &'t str,
    /// `Parallel Aware`.
    pub is_parallel: bool,
    /// `Async Capable`.
    pub is_async: bool,
    /// The others, which only nodes of some types have.
    words: [Option<Ref<'t, 'a>>; WORDS.len()],
}

const WORDS: [&str; 7] = [
    "Partial Mode",
    "Strategy",
    "Operation",
    "Join Type",
    "Command",
    "Scan Direction",
    "Custom Plan Provider",
];
const PARTIAL_MODE: usize = 0;
const STRATEGY: usize = 1;
const OPERATION: usize = 2;
const JOIN_TYPE: usize = 3;
const COMMAND: usize = 4;
const SCAN_DIRECTION: usize = 5;
const PROVIDER: usize = 6;

impl<'t, 'a> Parts<'t, 'a> {
    /// Takes a member that is such a word.
    pub fn take(&mut self, name: &str, member: Ref<'t, 'a>) -> bool {
        match WORDS.iter().position(|word| *word == name) {
            Some(word) if member.text().is_some() => {
                self.words[word] = Some(member);
                true
            }
            _ => false,
        }
    }

    /// The words of the node, and the members that are not part of them.
    pub fn compose(mut self) -> (Cow<'t, str>, impl Iterator<Item = Ref<'t, 'a>>) {
        let name = self.name();
        let prefix = match (self.is_parallel, self.is_async) {
            (false, false) => "",
            (true, false) => "Parallel ",
            (false, true) => "Async ",
            (true, true) => "Parallel Async ",
        };
        let name = match prefix {
            "" => name,
            _ => Cow::Owned(format!("{prefix}{name}")),
        };
        (name, self.words.into_iter().flatten())
    }

    fn use_word(&mut self, word: usize) -> Option<&'t str> {
        self.words[word].take()?.text()
    }

    fn name(&mut self) -> Cow<'t, str> {
        let node_type = self.node_type;
        match node_type {
            "Aggregate" => {
                let name = match self.use_word(STRATEGY) {
                    None | Some("Plain") => "Aggregate",
                    Some("Sorted") => "GroupAggregate",
                    Some("Hashed") => "HashAggregate",
                    Some("Mixed") => "MixedAggregate",
                    Some(other) => return Cow::Owned(format!("Aggregate {other}")),
                };
                match self.use_word(PARTIAL_MODE) {
                    None | Some("Simple") => Cow::Borrowed(name),
                    Some(mode) => Cow::Owned(format!("{mode} {name}")),
                }
            }
            "ModifyTable" => Cow::Borrowed(self.use_word(OPERATION).unwrap_or(node_type)),
            "Foreign Scan" => match self.use_word(OPERATION) {
                None | Some("Select") => Cow::Borrowed(node_type),
                Some(operation) => Cow::Owned(format!("Foreign {operation}")),
            },
            "Custom Scan" => match self.use_word(PROVIDER) {
                None => Cow::Borrowed(node_type),
                Some(provider) => Cow::Owned(format!("Custom Scan ({provider})")),
            },
            "SetOp" => {
                let name = match self.use_word(STRATEGY) {
                    Some("Hashed") => "HashSetOp",
                    _ => node_type,
                };
                match self.use_word(COMMAND) {
                    None => Cow::Borrowed(name),
                    Some(command) => Cow::Owned(format!("{name} {command}")),
                }
            }
            _ if node_type == "Nested Loop" || node_type.ends_with(" Join") => {
                match self.use_word(JOIN_TYPE) {
                    None | Some("Inner") => Cow::Borrowed(node_type),
                    Some(kind) => {
                        let name = node_type.strip_suffix(" Join").unwrap_or(node_type);
                        Cow::Owned(format!("{name} {kind} Join"))
                    }
                }
            }
            _ if node_type.ends_with("Index Scan") || node_type.ends_with("Index Only Scan") => {
                match self.use_word(SCAN_DIRECTION) {
                    Some("Backward") => Cow::Owned(format!("{node_type} Backward")),
                    _ => Cow::Borrowed(node_type),
                }
            }
            _ => Cow::Borrowed(node_type),
        }
    }
}

//! What logged statements ask of the tables of a catalog, for rules that need whole conditions and
//! not single comparisons: the demand of a class, and which of its uses are a given table.

use crate::judge::advice::advisor::statement::{self, Names};
use crate::judge::evidence::{ClassEvidence, Evidence, TableEvidence};
use crate::lang::sql::demand::{Demand, TableInUse};
use crate::model::facts::ServerFacts;
use std::collections::BTreeMap;

/// The names of all servers whose tables a rule asked for.
pub(super) struct Asked<'e, 'f> {
    evidence: &'e Evidence<'f>,
    names: BTreeMap<&'f str, Names<'e, 'f>>,
}

impl<'e, 'f> Asked<'e, 'f> {
    /// Nothing is read yet.
    pub(super) fn new(evidence: &'e Evidence<'f>) -> Self {
        Asked { evidence, names: BTreeMap::new() }
    }

    fn names(&mut self, server: &'f ServerFacts) -> &Names<'e, 'f> {
        let evidence = self.evidence;
        self.names.entry(&server.label).or_insert_with(|| Names::of(evidence, server))
    }

    /// What a class asks; `None` where its text is cut or not understood.
    pub(super) fn demand(&mut self, class: &ClassEvidence<'f>) -> Option<Demand> {
        statement::demand_of(class, self.names(class.server))
    }

    /// The table that a use means, where the catalog has exactly one of that name.
    pub(super) fn table(
        &mut self,
        server: &'f ServerFacts,
        used: &TableInUse,
    ) -> Option<&'e TableEvidence<'f>> {
        let at = self.names(server).find(&used.table)?;
        self.evidence.tables.get(at)
    }

    /// The places of the uses of one table in a demand.
    pub(super) fn uses_of(&mut self, table: &TableEvidence<'f>, demand: &Demand) -> Vec<usize> {
        let is_it = |found: &TableEvidence<'f>| found.name == table.name;
        let mut places = Vec::new();
        for (at, used) in demand.uses.iter().enumerate() {
            if self.table(table.server, used).is_some_and(is_it) {
                places.push(at);
            }
        }
        places
    }
}

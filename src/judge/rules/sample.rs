//! Catalogs made in code, for tests of rules that read them.

use super::find;
use crate::judge::config::JudgeOptions;
use crate::judge::evidence::Evidence;
use crate::judge::finding::Finding;
use crate::model::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Definition, IndexDefinition, IndexKey, Origin,
    References, Size, Table, TableName, Told,
};
use crate::model::event::Engine;
use crate::model::facts::{Facts, InputFacts, ServerFacts};
use crate::model::workload::examples::Place;
use crate::model::workload::{Keep, Workload};

/// Where everything of a sample stands.
pub fn told<T>(value: T) -> Told<T> {
    let place = Place { source: 0, offset: 0, line_in_chunk: 0 };
    Told::new(value, Origin { taken: None, place })
}

/// A catalog with one server, and what a rule finds in it.
pub struct Sample {
    engine: Engine,
    /// The catalog.
    pub catalog: Catalog,
}

impl Sample {
    /// An empty one.
    pub fn of(engine: Engine) -> Self {
        Sample { engine, catalog: Catalog::default() }
    }

    /// A table with its columns: `id bigint`, `name text!` for one that takes no NULL.
    pub fn table(&mut self, name: &str, columns: &[&str]) -> &mut Table {
        let columns = columns.iter().map(|column| {
            let (name, type_name) = column.split_once(' ').expect("a name and a type");
            Column {
                name: name.into(),
                type_name: type_name.trim_end_matches('!').into(),
                is_not_null: type_name.ends_with('!'),
                ..Column::default()
            }
        });
        let definition = Definition { columns: columns.collect(), ..Definition::default() };
        let table = self.catalog.table(TableName::new(Some("public"), name));
        table.definition = Some(told(definition));
        table.indexes_are_told = true;
        table
    }

    /// The findings of one rule.
    pub fn findings(self, rule: &'static super::Rule) -> Vec<Finding> {
        let language = self.engine.language();
        let facts = Facts {
            inputs: vec![InputFacts::new("schema.sql")],
            servers: vec![ServerFacts {
                label: "main".to_owned(),
                engine: self.engine,
                apart: None,
                workload: Workload::new(self.engine.family(), language, Keep::default()),
                catalog: self.catalog,
                is_counted: false,
            }],
            keep: Keep::default(),
        };
        let options = JudgeOptions::default();
        let mut out = Vec::new();
        (rule.check)(rule, &Evidence::new(&facts, &options), &mut out);
        assert!(find(rule.name).is_some(), "{} is in the table", rule.name);
        out
    }
}

/// Adds to a table.
pub trait Build {
    /// A constraint.
    fn constraint(&mut self, name: &str, kind: ConstraintKind, columns: &[&str]) -> &mut Self;
    /// A btree index.
    fn btree(&mut self, name: &str, columns: &[&str]) -> &mut IndexDefinition;
    /// A foreign key to another table's primary key.
    fn refers(&mut self, name: &str, columns: &[&str], table: &str, on_delete: Option<&str>);
    /// Rows as the planner believes.
    fn rows(&mut self, rows: f64) -> &mut Self;
}

impl Build for Table {
    fn constraint(&mut self, name: &str, kind: ConstraintKind, columns: &[&str]) -> &mut Self {
        let columns = columns.iter().map(|&column| column.into()).collect();
        let constraint = Constraint { kind, columns, is_validated: true };
        self.constraints.insert(name.into(), told(constraint));
        self
    }

    fn btree(&mut self, name: &str, columns: &[&str]) -> &mut IndexDefinition {
        let keys = columns.iter().map(|column| IndexKey::column(column)).collect();
        let index = self.index(name);
        let definition = told(IndexDefinition { keys, ..IndexDefinition::default() });
        &mut index.definition.insert(definition).value
    }

    fn refers(&mut self, name: &str, columns: &[&str], table: &str, on_delete: Option<&str>) {
        let references = References {
            table: TableName::new(Some("public"), table),
            columns: Vec::new(),
            on_delete: on_delete.map(Into::into),
            on_update: None,
        };
        self.constraint(name, ConstraintKind::Foreign(references), columns);
    }

    fn rows(&mut self, rows: f64) -> &mut Self {
        self.size = Some(told(Size { rows: Some(rows), ..Size::default() }));
        self
    }
}

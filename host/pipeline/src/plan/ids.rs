use std::collections::HashSet;

use super::data_tests::TestStep;
use super::steps::{LoadMode, StepId, TableName};

/// Makes the names of steps as SQLFlow makes them. Positions count statements from 0, SET included.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    taken: HashSet<String>,
}

impl Ids {
    pub(crate) fn source(&mut self, name: &str, position: usize) -> StepId {
        self.unique(format!("source_{}", clean(name)), position)
    }

    pub(crate) fn load(&mut self, table: &TableName, mode: &LoadMode, position: usize) -> StepId {
        let mode = match mode {
            LoadMode::Replace => "replace",
            LoadMode::Append => "append",
            LoadMode::Upsert { .. } => "upsert",
        };
        self.unique(format!("load_{}_{mode}_{position}", clean_table(table)), position)
    }

    pub(crate) fn transform(&mut self, table: &TableName, or_replace: bool, position: usize) -> StepId {
        let replace = if or_replace { "_replace" } else { "" };
        self.unique(format!("transform_{}{replace}_{position}", clean_table(table)), position)
    }

    /// SQLFlow gives two exports of one table and type the same name, and loses one: the second gets its position here.
    pub(crate) fn export(&mut self, connector_type: &str, table: Option<&str>, position: usize) -> StepId {
        let what = table.map_or_else(|| position.to_string(), clean);
        self.unique(format!("export_{}_{what}", clean(connector_type)), position)
    }

    pub(crate) fn test(&mut self, test: &TestStep, position: usize) -> StepId {
        match &test.table {
            Some(table) => {
                self.unique(format!("test_{}_{}_{position}", clean_table(table), test.check.word()), position)
            }
            None => self.unique(format!("test_{}", clean(&test.name)), position),
        }
    }

    fn unique(&mut self, id: String, position: usize) -> StepId {
        let mut unique = id.clone();
        let mut suffix = position;
        while !self.taken.insert(unique.clone()) {
            unique = format!("{id}_{suffix}");
            suffix += 1;
        }
        StepId(unique)
    }
}

fn clean_table(table: &TableName) -> String {
    match &table.schema {
        Some(schema) => format!("{}_{}", clean(schema), clean(&table.name)),
        None => clean(&table.name),
    }
}

/// Quoted names may hold anything; names of steps are typed in commands and become names of files.
fn clean(name: &str) -> String {
    name.chars().map(|character| if character.is_alphanumeric() { character } else { '_' }).collect()
}

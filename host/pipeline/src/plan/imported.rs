//! A compiled plan that comes back as a file: what its queries read and call is asked anew, and its order made anew.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::seams::SqlAnalyzer;

use super::data_tests::TestSeverity;
use super::graph::{self, Node};
use super::json::PlanError;
use super::queries::{functions, reads};
use super::references::is_of_the_engine;
use super::steps::{Plan, Relation, StepId, StepKind, TableName};

impl Plan {
    /// The plan as it can be run. What a file says about reads, functions and order is not believed: SQLFlow's plans do not
    /// say it or say it wrongly, and any file may have been changed. Dependencies that it names are kept beside those that
    /// follow from the queries.
    ///
    /// # Errors
    /// [`PlanError::Operation`] for a query that cannot be parsed, an id used twice, a dependency or a source that the plan
    /// does not have; [`PlanError::Cycle`].
    pub fn imported(mut self, analyzer: &dyn SqlAnalyzer) -> Result<Plan, PlanError> {
        let mut by_id: HashMap<StepId, usize> = HashMap::new();
        let mut sources: HashMap<String, usize> = HashMap::new();
        for (index, step) in self.steps.iter().enumerate() {
            if by_id.insert(step.id.clone(), index).is_some() {
                return Err(wrong(&step.id, "another operation has this id, too"));
            }
            if let StepKind::Source(source) = &step.kind {
                sources.entry(source.name.to_lowercase()).or_insert(index);
            }
        }
        self.look_into_queries(analyzer)?;
        let nodes = self.nodes(&by_id, &sources)?;
        let order = graph::order(&nodes).map_err(|cycles| {
            let names = cycles.first().into_iter().flatten().map(|node| self.steps[*node].id.to_string());
            PlanError::Cycle(names.collect::<Vec<_>>().join(" -> "))
        })?;
        self.external_tables = self.external(&sources);
        let ids = self.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>();
        let mut steps = self.steps.into_iter().map(Some).collect::<Vec<_>>();
        self.steps = order.nodes.iter().filter_map(|node| steps[*node].take()).collect();
        for (step, node) in self.steps.iter_mut().zip(&order.nodes) {
            step.depends_on = order.dependencies[*node].iter().map(|need| ids[*need].clone()).collect();
        }
        Ok(self)
    }

    fn look_into_queries(&mut self, analyzer: &dyn SqlAnalyzer) -> Result<(), PlanError> {
        let queries = self.steps.iter().filter_map(|step| step.kind.query()).collect::<Vec<_>>();
        let mut found = analyzer.analyze_all(&queries).into_iter();
        for step in self.steps.iter_mut().filter(|step| step.kind.query().is_some()) {
            let Some(facts) = found.next() else { break };
            let facts = facts.map_err(|error| wrong(&step.id, error.message))?;
            match &mut step.kind {
                StepKind::Transform(transform) => {
                    transform.reads = reads(&facts, &transform.query);
                    transform.functions = functions(facts);
                }
                StepKind::Export(export) => {
                    export.reads = reads(&facts, &export.query);
                    export.functions = functions(facts);
                }
                StepKind::Test(test) => {
                    test.reads = reads(&facts, &test.query);
                    test.functions = functions(facts);
                }
                StepKind::Source(_) | StepKind::Load(_) => {}
            }
        }
        Ok(())
    }

    fn nodes(&self, by_id: &HashMap<StepId, usize>, sources: &HashMap<String, usize>) -> Result<Vec<Node>, PlanError> {
        let written =
            self.steps.iter().flat_map(|step| step.kind.all_writes()).map(TableName::key).collect::<HashSet<_>>();
        let mut nodes = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let mut needs = Vec::new();
            for need in &step.depends_on {
                let known = by_id.get(need);
                needs.push(*known.ok_or_else(|| wrong(&step.id, format!("it depends on '{need}', which is missing")))?);
            }
            if let StepKind::Load(load) = &step.kind {
                let source = sources.get(&load.source.to_lowercase());
                let undefined = || wrong(&step.id, format!("LOAD references undefined source: '{}'", load.source));
                needs.push(*source.ok_or_else(undefined)?);
            }
            // A source can be read by its name where no table has it.
            let named = step.kind.reads().iter().filter(|table| !written.contains(&table.key()));
            needs.extend(named.filter_map(|table| source_of(table, sources)));
            nodes.push(Node {
                writes: step.kind.all_writes().map(TableName::key).collect(),
                reads: step.kind.reads().iter().map(TableName::key).collect(),
                is_view: matches!(&step.kind, StepKind::Transform(step) if step.relation == Relation::View),
                is_test: matches!(step.kind, StepKind::Test(_)),
                is_gate: matches!(&step.kind, StepKind::Test(test) if test.severity == TestSeverity::Error),
                needs,
            });
        }
        Ok(nodes)
    }

    /// Tables read that neither a step nor a source makes, by key.
    fn external(&self, sources: &HashMap<String, usize>) -> Vec<TableName> {
        let written =
            self.steps.iter().flat_map(|step| step.kind.all_writes()).map(TableName::key).collect::<HashSet<_>>();
        let read = self.steps.iter().flat_map(|step| step.kind.reads()).filter(|table| {
            !written.contains(&table.key()) && source_of(table, sources).is_none() && !is_of_the_engine(table)
        });
        read.map(|table| (table.key(), table.clone())).collect::<BTreeMap<_, _>>().into_values().collect()
    }
}

fn source_of(table: &TableName, sources: &HashMap<String, usize>) -> Option<usize> {
    if table.schema.is_none() { sources.get(&table.name.to_lowercase()).copied() } else { None }
}

fn wrong(id: &StepId, problem: impl Into<String>) -> PlanError {
    PlanError::Operation { operation: id.to_string(), problem: problem.into() }
}

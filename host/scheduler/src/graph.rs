//! Which steps there are and what each waits for.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::Arc,
};

/// The name of a step, unique within a graph. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepId(Arc<str>);

impl StepId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: Into<Arc<str>>> From<T> for StepId {
    fn from(name: T) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A step and the steps that have to succeed before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The step.
    pub id: StepId,
    /// What it waits for, in any order; naming one twice is the same as naming it once.
    pub depends_on: Vec<StepId>,
}

impl Node {
    /// The step `id`, after all of `depends_on`.
    pub fn new<const N: usize>(id: impl Into<StepId>, depends_on: [&str; N]) -> Self {
        Self { id: id.into(), depends_on: depends_on.into_iter().map(StepId::from).collect() }
    }
}

/// Why a list of nodes is not a graph that can be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Two steps have one name.
    #[error("step `{0}` is there twice")]
    DuplicateStep(StepId),
    /// A step waits for one that does not exist.
    #[error("step `{step}` depends on `{dependency}`, which does not exist")]
    MissingDependency {
        /// The step that waits.
        step: StepId,
        /// What it waits for.
        dependency: StepId,
    },
    /// Steps wait for each other. The path begins and ends with the same step, each depending on the next.
    #[error("steps depend on each other: {}", path(.0))]
    Cycle(Vec<StepId>),
}

fn path(steps: &[StepId]) -> String {
    steps.iter().map(|step| format!("`{step}`")).collect::<Vec<_>>().join(" -> ")
}

/// Steps whose names are unique, whose dependencies exist and which do not wait for each other in a circle.
///
/// The order of the nodes is the order of preference: of the steps that are ready, the first in it starts first.
#[derive(Clone, Debug)]
pub struct Graph {
    ids: Vec<StepId>,
    dependencies: Vec<BTreeSet<usize>>,
    dependants: Vec<BTreeSet<usize>>,
}

impl Graph {
    /// Checks the nodes and resolves their names.
    pub fn new(nodes: Vec<Node>) -> Result<Self, GraphError> {
        let mut positions = HashMap::with_capacity(nodes.len());
        for (position, node) in nodes.iter().enumerate() {
            if positions.insert(node.id.clone(), position).is_some() {
                return Err(GraphError::DuplicateStep(node.id.clone()));
            }
        }
        let mut dependencies = vec![BTreeSet::new(); nodes.len()];
        let mut dependants = vec![BTreeSet::new(); nodes.len()];
        for (position, node) in nodes.iter().enumerate() {
            for dependency in &node.depends_on {
                let Some(&required) = positions.get(dependency) else {
                    let (step, dependency) = (node.id.clone(), dependency.clone());
                    return Err(GraphError::MissingDependency { step, dependency });
                };
                dependencies[position].insert(required);
                dependants[required].insert(position);
            }
        }
        let graph = Self { ids: nodes.into_iter().map(|node| node.id).collect(), dependencies, dependants };
        match graph.cycle() {
            Some(cycle) => Err(GraphError::Cycle(cycle)),
            None => Ok(graph),
        }
    }

    /// The steps, in the graph's order.
    pub fn steps(&self) -> &[StepId] {
        &self.ids
    }

    pub(crate) fn dependencies(&self, step: usize) -> &BTreeSet<usize> {
        &self.dependencies[step]
    }

    pub(crate) fn dependants(&self, step: usize) -> &BTreeSet<usize> {
        &self.dependants[step]
    }

    /// Removes what waits for nothing until nothing is left, or only circles and what waits for them; in those, every
    /// step has a dependency that is left too, so following them comes back to a step already seen.
    fn cycle(&self) -> Option<Vec<StepId>> {
        let mut waits_for: Vec<usize> = self.dependencies.iter().map(BTreeSet::len).collect();
        let mut free: Vec<usize> = (0..self.ids.len()).filter(|&step| waits_for[step] == 0).collect();
        while let Some(step) = free.pop() {
            for &dependant in &self.dependants[step] {
                waits_for[dependant] -= 1;
                if waits_for[dependant] == 0 {
                    free.push(dependant);
                }
            }
        }
        let mut walk = Vec::new();
        let mut step = waits_for.iter().position(|&left| left > 0)?;
        loop {
            if let Some(start) = walk.iter().position(|&seen| seen == step) {
                walk.drain(..start);
                walk.push(step);
                return Some(walk.into_iter().map(|step| self.ids[step].clone()).collect());
            }
            walk.push(step);
            step = self.dependencies[step].iter().copied().find(|&dependency| waits_for[dependency] > 0)?;
        }
    }
}

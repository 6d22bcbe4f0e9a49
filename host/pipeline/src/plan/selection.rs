//! Which steps of a plan are run: `--select` and `--exclude`.

use std::collections::{BTreeMap, HashSet};

use crate::names::suggest;

use super::steps::{Plan, Step, StepId, StepKind, TableName};

/// Steps chosen by name: `users`, `load_*`, with what they need (`+users`), with what needs them (`users+`), with both
/// (`+users+`), by tag (`tag:nightly`), or by the file they are in (`path:pipelines/common/*`). A name is that of a step, a
/// table or a source; `*` stands for any text. Several are written with blanks between; with commas between, a step has to
/// fit all of them: `tag:nightly,path:pipelines/common/*`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    select: Vec<Selector>,
    exclude: Vec<Selector>,
}

/// A selector that is malformed or finds nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// Nothing is written, or nothing but operators.
    #[error("'{0}' selects by no name")]
    Empty(String),
    /// Something else stands before the colon.
    #[error("'{0}' selects in a way that is not known; known are tag: and path:")]
    Method(String),
    /// Probably misspelt.
    #[error("no {what} '{name}'")]
    Nothing {
        /// What was looked for, as `step, table or source is called`.
        what: &'static str,
        /// The name, tag or path.
        name: String,
        /// One that there is and that is almost this one.
        similar: Option<String>,
    },
    /// Each part finds steps, and all of them together none.
    #[error("no step fits all of '{0}'")]
    Disjoint(String),
    /// What is excluded is all that was selected.
    #[error("nothing is left of the plan: everything that is selected is excluded, too")]
    NothingLeft,
}

impl SelectionError {
    /// What can be done.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Nothing { similar: Some(similar), .. } => Some(format!("did you mean '{similar}'?")),
            Self::Empty(_) | Self::Method(_) => {
                Some("write the name of a table, source or step, +name, name+, tag:name or path:file".to_owned())
            }
            _ => None,
        }
    }
}

/// What a step has to fit: all of the criteria.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Selector {
    written: String,
    criteria: Vec<Criterion>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Criterion {
    by: By,
    with_needed: bool,
    with_needing: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum By {
    Name(String),
    Tag(String),
    Path(String),
}

impl Selection {
    /// Reads selectors. Without any in `select`, all steps are selected; `exclude` wins.
    ///
    /// # Errors
    /// The first selector that is malformed.
    pub fn parse(select: &[impl AsRef<str>], exclude: &[impl AsRef<str>]) -> Result<Self, SelectionError> {
        Ok(Self { select: selectors(select)?, exclude: selectors(exclude)? })
    }
}

fn selectors(texts: &[impl AsRef<str>]) -> Result<Vec<Selector>, SelectionError> {
    let mut selectors = Vec::new();
    for text in texts.iter().map(AsRef::as_ref) {
        if text.trim().is_empty() {
            return Err(SelectionError::Empty(text.to_owned()));
        }
        for written in text.split_whitespace() {
            let criteria = written.split(',').map(Criterion::parse).collect::<Result<_, _>>()?;
            selectors.push(Selector { written: written.to_owned(), criteria });
        }
    }
    Ok(selectors)
}

impl Selector {
    /// Indexes of the steps it stands for.
    fn find(&self, plan: &Plan) -> Result<HashSet<usize>, SelectionError> {
        let mut found: Option<HashSet<usize>> = None;
        for criterion in &self.criteria {
            let own = criterion.find(plan)?;
            found = Some(match found {
                Some(found) => found.intersection(&own).copied().collect(),
                None => own,
            });
        }
        found.filter(|found| !found.is_empty()).ok_or_else(|| SelectionError::Disjoint(self.written.clone()))
    }
}

impl Criterion {
    fn parse(written: &str) -> Result<Self, SelectionError> {
        let (with_needed, text) = written.strip_prefix('+').map_or((false, written), |rest| (true, rest));
        let (with_needing, text) = text.strip_suffix('+').map_or((false, text), |rest| (true, rest));
        let by = match text.split_once(':') {
            Some(("path", path)) if !path.is_empty() => By::Path(path.to_owned()),
            Some(("tag", tag)) if !tag.is_empty() => By::Tag(tag.to_lowercase()),
            Some(_) => return Err(SelectionError::Method(written.to_owned())),
            None if text.is_empty() => return Err(SelectionError::Empty(written.to_owned())),
            None => By::Name(text.to_lowercase()),
        };
        Ok(Self { by, with_needed, with_needing })
    }

    fn matches(&self, step: &Step) -> bool {
        match &self.by {
            By::Name(pattern) => names(step).iter().any(|name| fits(pattern, &name.to_lowercase())),
            By::Tag(pattern) => step.tags.iter().any(|tag| fits(pattern, &tag.to_lowercase())),
            By::Path(pattern) => step.location.as_ref().is_some_and(|location| fits(pattern, &location.file)),
        }
    }

    /// Indexes of the steps it stands for.
    fn find(&self, plan: &Plan) -> Result<HashSet<usize>, SelectionError> {
        let named = (0..plan.steps.len()).filter(|index| self.matches(&plan.steps[*index])).collect::<HashSet<_>>();
        if named.is_empty() {
            return Err(self.nothing(plan));
        }
        let mut found = named.clone();
        if self.with_needed {
            // Every step stands after all it needs, so one walk from the end finds them all.
            let mut needed = named.iter().map(|index| plan.steps[*index].id.clone()).collect::<HashSet<_>>();
            for (index, step) in plan.steps.iter().enumerate().rev() {
                if needed.contains(&step.id) {
                    found.insert(index);
                    needed.extend(step.depends_on.iter().cloned());
                }
            }
        }
        if self.with_needing {
            let mut reached = named.iter().map(|index| plan.steps[*index].id.clone()).collect::<HashSet<_>>();
            for (index, step) in plan.steps.iter().enumerate() {
                if reached.contains(&step.id) || step.depends_on.iter().any(|need| reached.contains(need)) {
                    found.insert(index);
                    reached.insert(step.id.clone());
                }
            }
        }
        Ok(found)
    }

    fn nothing(&self, plan: &Plan) -> SelectionError {
        let steps = || plan.steps.iter();
        let (what, name, known): (_, _, Vec<String>) = match &self.by {
            By::Name(name) => ("step, table or source is called", name, steps().flat_map(names).collect()),
            By::Tag(tag) => ("step has the tag", tag, steps().flat_map(|step| step.tags.clone()).collect()),
            By::Path(path) => {
                let files = steps().filter_map(|step| Some(step.location.as_ref()?.file.clone()));
                ("step comes from the file", path, files.collect())
            }
        };
        let similar = suggest(name, known.iter().map(String::as_str)).map(str::to_owned);
        SelectionError::Nothing { what, name: name.clone(), similar }
    }
}

/// What a step is called: its id, and the source it defines or the table it writes.
fn names(step: &Step) -> Vec<String> {
    let own = match &step.kind {
        StepKind::Source(source) => Some(source.name.clone()),
        StepKind::Test(test) => Some(test.name.clone()),
        kind => kind.writes().map(ToString::to_string),
    };
    own.into_iter().chain([step.id.to_string()]).collect()
}

impl Plan {
    /// The plan of the selected steps alone. The sources they read come with them: those only say where rows are. What
    /// other steps would make has to be in the database: [`Plan::left_out`] names it.
    ///
    /// # Errors
    /// A selector that finds nothing, or nothing left to run.
    pub fn select(&self, selection: &Selection) -> Result<Plan, SelectionError> {
        let mut chosen = if selection.select.is_empty() { (0..self.steps.len()).collect() } else { HashSet::new() };
        for selector in &selection.select {
            chosen.extend(selector.find(self)?);
        }
        for selector in &selection.exclude {
            let excluded = selector.find(self)?;
            chosen.retain(|index| !excluded.contains(index));
        }
        let needed = chosen.iter().flat_map(|index| &self.steps[*index].depends_on).cloned().collect::<HashSet<_>>();
        let is_source = |step: &Step| matches!(step.kind, StepKind::Source(_)) && needed.contains(&step.id);
        let mut steps = self
            .steps
            .iter()
            .enumerate()
            .filter(|(index, step)| chosen.contains(index) || is_source(step))
            .map(|(_, step)| step.clone())
            .collect::<Vec<_>>();
        let kept = steps.iter().map(|step| step.id.clone()).collect::<HashSet<_>>();
        for step in &mut steps {
            step.depends_on.retain(|need| kept.contains(need));
        }
        if steps.is_empty() && !self.steps.is_empty() {
            return Err(SelectionError::NothingLeft);
        }
        Ok(Plan { steps, ..self.clone() })
    }

    /// The tables that steps of this plan read and only steps of `whole` would make, each with the first reader. A run of
    /// this plan finds in them what an earlier run has left.
    #[must_use]
    pub fn left_out(&self, whole: &Plan) -> Vec<(StepId, TableName)> {
        let written =
            |plan: &Plan| plan.steps.iter().filter_map(|step| Some(step.kind.writes()?.key())).collect::<HashSet<_>>();
        let (own, all) = (written(self), written(whole));
        let mut found = BTreeMap::new();
        for step in &self.steps {
            for table in step.kind.reads() {
                let key = table.key();
                if all.contains(&key) && !own.contains(&key) {
                    found.entry(key).or_insert_with(|| (step.id.clone(), table.clone()));
                }
            }
        }
        found.into_values().collect()
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

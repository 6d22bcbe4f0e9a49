//! Which steps of a plan are run: `--select` and `--exclude`.

use std::collections::HashSet;

use super::steps::{Plan, Step, StepKind};

/// Steps chosen by name: `users`, `load_*`, with what they need (`+users`), with what needs them (`users+`), with both
/// (`+users+`), or by the file they are in (`path:pipelines/common/*`). A name is that of a step, a table or a source;
/// `*` stands for any text.
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
    #[error("'{0}' selects in a way that is not known; known is path:")]
    Method(String),
    /// Probably misspelt.
    #[error("no step, table or source is called '{0}'")]
    Nothing(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Selector {
    written: String,
    by: By,
    with_needed: bool,
    with_needing: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum By {
    Name(String),
    Path(String),
}

impl Selection {
    /// Reads selectors. Without any in `select`, all steps are selected; `exclude` wins.
    pub fn parse(select: &[impl AsRef<str>], exclude: &[impl AsRef<str>]) -> Result<Self, SelectionError> {
        Ok(Self {
            select: select.iter().map(|text| Selector::parse(text.as_ref())).collect::<Result<_, _>>()?,
            exclude: exclude.iter().map(|text| Selector::parse(text.as_ref())).collect::<Result<_, _>>()?,
        })
    }
}

impl Selector {
    fn parse(written: &str) -> Result<Self, SelectionError> {
        let text = written.trim();
        let (with_needed, text) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
        let (with_needing, text) = text.strip_suffix('+').map_or((false, text), |rest| (true, rest));
        let by = match text.split_once(':') {
            Some(("path", path)) if !path.is_empty() => By::Path(path.to_owned()),
            Some(_) => return Err(SelectionError::Method(written.to_owned())),
            None if text.is_empty() => return Err(SelectionError::Empty(written.to_owned())),
            None => By::Name(text.to_lowercase()),
        };
        Ok(Self { written: written.to_owned(), by, with_needed, with_needing })
    }

    fn matches(&self, step: &Step) -> bool {
        match &self.by {
            By::Name(pattern) => {
                let own = match &step.kind {
                    StepKind::Source(source) => Some(source.name.to_lowercase()),
                    StepKind::Test(test) => Some(test.name.to_lowercase()),
                    kind => kind.writes().map(|table| table.to_string().to_lowercase()),
                };
                fits(pattern, &step.id.as_str().to_lowercase()) || own.is_some_and(|name| fits(pattern, &name))
            }
            By::Path(pattern) => step.location.as_ref().is_some_and(|location| fits(pattern, &location.file)),
        }
    }

    /// Indexes of the steps it stands for.
    fn find(&self, plan: &Plan) -> Result<HashSet<usize>, SelectionError> {
        let named = (0..plan.steps.len()).filter(|index| self.matches(&plan.steps[*index])).collect::<HashSet<_>>();
        if named.is_empty() {
            return Err(SelectionError::Nothing(self.written.clone()));
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
}

impl Plan {
    /// The plan of the selected steps alone. The sources they read come with them: those only say where rows are. What
    /// other steps would make has to be in the database.
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
        Ok(Plan { steps, ..self.clone() })
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

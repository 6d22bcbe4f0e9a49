use std::collections::{BTreeMap, HashMap};

use crate::diagnostics::{Code, Diagnostic, Span};
use crate::names::suggest;
use crate::syntax::ast::{Json, Name};
use crate::syntax::template::{DefaultValue, Segment, Template, VariableRef};

use super::layers::{Origin, Variables};
use super::value::Value;

/// The variables of one compilation: the layers given, the SETs met, and what was missing.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    variables: &'a Variables,
    /// By name, in the order of the text.
    set: HashMap<String, Vec<Assignment>>,
    /// Position of the statement that is being resolved.
    position: usize,
    undefined: BTreeMap<String, Vec<(Span, String)>>,
    used: BTreeMap<String, Origin>,
    /// What is being resolved, as `SQL query` or `IF condition`.
    place: &'static str,
    pub diagnostics: Vec<Diagnostic>,
}

#[derive(Debug)]
struct Assignment {
    position: usize,
    value: Value,
    span: Span,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(variables: &'a Variables) -> Self {
        Self {
            variables,
            set: HashMap::new(),
            position: 0,
            undefined: BTreeMap::new(),
            used: BTreeMap::new(),
            place: "",
            diagnostics: Vec::new(),
        }
    }

    /// Goes to the statement at `position`: SETs before it hold.
    pub(crate) fn enter(&mut self, position: usize, place: &'static str) {
        self.position = position;
        self.place = place;
    }

    pub(crate) fn at(&mut self, place: &'static str) -> &mut Self {
        self.place = place;
        self
    }

    pub(crate) fn assign(&mut self, name: String, value: Value, span: Span) {
        let position = self.position;
        self.set.entry(name).or_default().push(Assignment { position, value, span });
    }

    /// The variables that were used, with the origin of their values.
    pub(crate) fn used(&self) -> BTreeMap<String, Origin> {
        self.used.clone()
    }

    /// The value at the current position. What is undefined is remembered.
    pub(crate) fn value(&mut self, variable: &VariableRef) -> Option<Value> {
        let (value, origin) = match self.defined(&variable.name, Some(variable.span)) {
            Some(found) => found,
            None => match &variable.default {
                Some(DefaultValue::Value(value)) => (value.clone(), Origin::Default),
                Some(DefaultValue::Unquoted(text)) => {
                    let name = &variable.name;
                    let message = "Invalid default values for variables (must not contain spaces unless quoted)";
                    let diagnostic = Diagnostic::error(Code::VariableDefault, message, variable.span)
                        .with_hint(format!("quote it: ${{{name}|\"{text}\"}}"));
                    self.diagnostics.push(diagnostic.with_label(format!("the default is '{text}'")));
                    (Value::Text(text.clone()), Origin::Default)
                }
                None => {
                    let places = self.undefined.entry(variable.name.clone()).or_default();
                    places.push((variable.span, self.place.to_owned()));
                    return None;
                }
            },
        };
        self.used.insert(variable.name.clone(), origin);
        Some(value)
    }

    /// As [`Scope::value`], where not being defined is a value, too.
    pub(crate) fn value_or_null(&mut self, variable: &VariableRef) -> Value {
        if self.defined(&variable.name, None).is_none() && variable.default.is_none() {
            return Value::Null;
        }
        self.value(variable).unwrap_or(Value::Null)
    }

    /// The value of `$name`: a variable only if the pipeline, the profile or the command line says so. In a text, `$HOME`
    /// means these five characters.
    pub(crate) fn dollar_value(&mut self, name: &str) -> Option<Value> {
        let (value, origin) = self.defined(name, None).filter(|(_, origin)| *origin < Origin::Environment)?;
        self.used.insert(name.to_owned(), origin);
        Some(value)
    }

    fn defined(&mut self, name: &str, used_at: Option<Span>) -> Option<(Value, Origin)> {
        if let Some((value, origin)) = self.variables.over_set(name) {
            return Some((value.clone(), origin));
        }
        if let Some(assignments) = self.set.get(name) {
            let before = assignments.partition_point(|assignment| assignment.position < self.position);
            if let Some(assignment) = before.checked_sub(1).and_then(|last| assignments.get(last)) {
                return Some((assignment.value.clone(), Origin::Set));
            }
            if let Some(later) = assignments.first() {
                if let Some(span) = used_at {
                    let message = format!("variable '{name}' is used before its SET");
                    let diagnostic = Diagnostic::warning(Code::UsedBeforeSet, message, span);
                    self.diagnostics.push(diagnostic.also_at(later.span, "set here"));
                }
                return Some((later.value.clone(), Origin::Set));
            }
        }
        self.variables.under_set(name)
    }

    /// The text of a template.
    pub(crate) fn text(&mut self, template: &Template) -> Option<String> {
        let mut text = String::new();
        let mut complete = true;
        for segment in &template.segments {
            match segment {
                Segment::Text(piece) => text.push_str(piece),
                Segment::Variable(variable) => match self.value(variable) {
                    Some(value) => text.push_str(&value.to_string()),
                    None => complete = false,
                },
            }
        }
        complete.then_some(text)
    }

    /// The parts of a name. A variable alone may hold several parts, as `main.users`.
    pub(crate) fn name(&mut self, name: &Name) -> Option<Vec<String>> {
        let mut parts = Vec::new();
        let mut complete = true;
        for part in &name.parts {
            match self.text(part) {
                Some(text) if part.only_variable().is_some() => parts.extend(text.split('.').map(str::to_owned)),
                Some(text) => parts.push(text),
                None => complete = false,
            }
        }
        if complete && parts.iter().any(|part| part.is_empty() || part.contains('\0')) {
            let message = "the value of the variable cannot be a name";
            self.diagnostics.push(Diagnostic::error(Code::VariablePlace, message, name.span));
            return None;
        }
        complete.then_some(parts)
    }

    /// JSON with the values in it. A variable in quotes gives text, one without keeps its kind.
    pub(crate) fn json(&mut self, json: &Json) -> Option<serde_json::Value> {
        match json {
            Json::Plain(value) => Some(value.clone()),
            Json::Text(template) => self.text(template).map(serde_json::Value::String),
            Json::Variable(variable) => self.value(variable).map(Into::into),
            Json::Array(elements) => {
                let values = elements.iter().map(|element| self.json(element)).collect::<Vec<_>>();
                values.into_iter().collect::<Option<Vec<_>>>().map(serde_json::Value::Array)
            }
            Json::Object(members) => {
                let members = members
                    .iter()
                    .map(|(name, value)| {
                        let (name, value) = (self.text(name), self.json(value));
                        Some((name?, value?))
                    })
                    .collect::<Vec<_>>();
                members.into_iter().collect::<Option<serde_json::Map<_, _>>>().map(serde_json::Value::Object)
            }
        }
    }

    /// One diagnostic for each undefined variable, with all its places. `unset` are those that would have a value if
    /// environment variables had.
    pub(crate) fn report_undefined(&mut self, unset: Option<&BTreeMap<String, Vec<String>>>) {
        let known = self.variables.names().chain(self.set.keys().map(String::as_str)).collect::<Vec<_>>();
        for (name, places) in &self.undefined {
            let Some(((first, what), others)) = places.split_first() else { continue };
            let message = format!("Pipeline references undefined variables: ${{{name}}} is used but not defined");
            let mut diagnostic = Diagnostic::error(Code::UndefinedVariable, message, *first);
            diagnostic.label = Some(format!("used in {what}"));
            for (span, what) in others {
                diagnostic = diagnostic.also_at(*span, format!("used in {what}"));
            }
            if let Some(environment) = unset.and_then(|unset| unset.get(name)) {
                let environment = environment.join(", ");
                diagnostic = diagnostic.with_note(format!("the profile takes it from {environment}, which is not set"));
            }
            diagnostic.hint = Some(match suggest(name, known.iter().copied()) {
                Some(similar) => format!("did you mean ${{{similar}}}?"),
                None => {
                    format!("define it with SET, in the profile or with --vars, or give a default: ${{{name}|...}}")
                }
            });
            self.diagnostics.push(diagnostic);
        }
        self.undefined.clear();
    }
}

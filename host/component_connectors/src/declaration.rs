//! What a component says of itself, checked.

use std::collections::HashSet;

use duckpen_functions::exchange::shown;

use crate::bindings::exports::duckpen::connectors::connector;

/// Parameters of one sort that a connector may declare.
const MOST_PARAMETERS: usize = 200;
/// Bytes of a name.
const LONGEST_NAME: usize = 100;
/// Ways to show who asks.
const MOST_AUTHENTICATIONS: usize = 20;
/// Values of one parameter.
const MOST_CHOICES: usize = 200;

/// What a connector is and what it wants to know.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The type by which pipelines and profiles name it, in lower case.
    pub name: String,
    /// Its version.
    pub version: String,
    /// For people.
    pub doc: String,
    /// How the system is reached.
    pub parameters: Vec<Parameter>,
    /// What is read of it.
    pub source_parameters: Vec<Parameter>,
    /// What is written and how.
    pub sink_parameters: Vec<Parameter>,
    /// The first whose parameters are all there is used.
    pub(crate) authentication: Vec<Declared>,
}

/// Something that a user may give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; one with dots stands inside of objects.
    pub name: String,
    /// What it takes.
    pub kind: ParameterKind,
    /// Whether it has to be given.
    pub is_required: bool,
    /// The values a text may have; any where there are none.
    pub one_of: Vec<String>,
    /// For people.
    pub doc: String,
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract says it")]
pub enum ParameterKind {
    Text,
    Count,
    Number,
    Flag,
    Texts,
    Structure,
    Url,
    Secret,
}

impl ParameterKind {
    /// As the contract names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Count => "count",
            Self::Number => "number",
            Self::Flag => "flag",
            Self::Texts => "texts",
            Self::Structure => "structure",
            Self::Url => "url",
            Self::Secret => "secret",
        }
    }
}

/// How a request shows who asks, by the names of parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Declared {
    Bearer(String),
    Basic(String, String),
    /// The name of the header, and the parameter.
    Header(Name, String),
    /// The name of the query's parameter, and the parameter.
    Query(Name, String),
    ClientCredentials {
        url: String,
        client_id: String,
        client_secret: String,
        scope: Option<String>,
    },
}

/// A name that is known, or one that a parameter has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    Fixed(String),
    Of(String),
}

impl Parameter {
    /// The names of the objects in which it stands, and its own.
    pub(crate) fn path(&self) -> impl Iterator<Item = &str> {
        self.name.split('.')
    }

    /// Whether it stands inside of the value of another one.
    pub(crate) fn is_inside(&self, outer: &Self) -> bool {
        self.name.strip_prefix(&outer.name).is_some_and(|rest| rest.starts_with('.'))
    }
}

impl Declaration {
    /// Checks what a component says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check(declared: connector::Declaration) -> Result<Self, String> {
        let name = declared.name;
        if !is_type_name(&name) {
            return Err(format!(
                "`{}` is no name for a connector: lower-case letters, digits and `_`, beginning with a letter",
                shown(&name)
            ));
        }
        let declaration = Self {
            name,
            version: shown(&declared.version),
            doc: shown(&declared.doc),
            parameters: parameters(declared.parameters, "parameters")?,
            source_parameters: parameters(declared.source_parameters, "source parameters")?,
            sink_parameters: parameters(declared.sink_parameters, "sink parameters")?,
            authentication: declared.authentication.into_iter().map(Declared::from).collect(),
        };
        declaration.check_authentication()?;
        Ok(declaration)
    }

    fn check_authentication(&self) -> Result<(), String> {
        let many = self.authentication.len();
        if many > MOST_AUTHENTICATIONS {
            return Err(format!(
                "it declares {many} ways to show who asks; at most {MOST_AUTHENTICATIONS} are accepted"
            ));
        }
        for declared in &self.authentication {
            for (name, kinds) in declared.uses() {
                let found = self.parameters.iter().find(|parameter| parameter.name == name);
                let found = found.ok_or_else(|| {
                    format!("its authentication uses the parameter `{}`, which it does not declare", shown(name))
                })?;
                if !kinds.contains(&found.kind) {
                    return Err(format!("its authentication uses the parameter `{name}`, which is of another kind"));
                }
            }
        }
        Ok(())
    }

    /// All parameters that may be given.
    pub fn all_parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().chain(&self.source_parameters).chain(&self.sink_parameters)
    }
}

impl Declared {
    /// The parameters it uses, and the kinds that each may be of.
    fn uses(&self) -> Vec<(&str, &'static [ParameterKind])> {
        use ParameterKind::{Secret, Text, Url};
        const SECRET: &[ParameterKind] = &[Secret];
        const EITHER: &[ParameterKind] = &[Secret, Text];
        match self {
            Self::Bearer(token) => vec![(token, SECRET)],
            Self::Basic(user, password) => vec![(user, EITHER), (password, SECRET)],
            Self::Header(name, parameter) | Self::Query(name, parameter) => {
                let mut uses: Vec<(&str, &'static [ParameterKind])> = vec![(parameter, SECRET)];
                if let Name::Of(name) = name {
                    uses.push((name, &[Text]));
                }
                uses
            }
            Self::ClientCredentials { url, client_id, client_secret, scope } => {
                let mut uses: Vec<(&str, &'static [ParameterKind])> =
                    vec![(url, &[Url]), (client_id, EITHER), (client_secret, SECRET)];
                uses.extend(scope.iter().map(|scope| (scope.as_str(), &[Text][..])));
                uses
            }
        }
    }
}

impl From<connector::Authentication> for Declared {
    fn from(declared: connector::Authentication) -> Self {
        use connector::Authentication as Given;
        match declared {
            Given::Bearer(token) => Self::Bearer(token),
            Given::Basic((user, password)) => Self::Basic(user, password),
            Given::Header((name, parameter)) => Self::Header(Name::Fixed(name), parameter),
            Given::NamedHeader((name, parameter)) => Self::Header(Name::Of(name), parameter),
            Given::Query((name, parameter)) => Self::Query(Name::Fixed(name), parameter),
            Given::NamedQuery((name, parameter)) => Self::Query(Name::Of(name), parameter),
            Given::ClientCredentials(request) => Self::ClientCredentials {
                url: request.url,
                client_id: request.client_id,
                client_secret: request.client_secret,
                scope: request.scope,
            },
        }
    }
}

fn parameters(declared: Vec<connector::Parameter>, sort: &str) -> Result<Vec<Parameter>, String> {
    if declared.len() > MOST_PARAMETERS {
        return Err(format!("it declares {} {sort}; at most {MOST_PARAMETERS} are accepted", declared.len()));
    }
    let parameters = declared.into_iter().map(parameter).collect::<Result<Vec<_>, _>>()?;
    let mut seen = HashSet::new();
    for outer in &parameters {
        let name = &outer.name;
        if !seen.insert(name.as_str()) {
            return Err(format!("it declares the parameter `{name}` twice among its {sort}"));
        }
        // A structure is of any shape, of which the host has to know what is secret.
        let may_have =
            |inner: &Parameter| outer.kind == ParameterKind::Structure && inner.kind == ParameterKind::Secret;
        if parameters.iter().any(|other| other.is_inside(outer) && !may_have(other)) {
            return Err(format!("its parameter `{name}` is a value, and has others inside"));
        }
    }
    Ok(parameters)
}

fn parameter(declared: connector::Parameter) -> Result<Parameter, String> {
    let connector::Parameter { name, kind, required: is_required, one_of, doc } = declared;
    if name.len() > LONGEST_NAME || !name.split('.').all(is_parameter_name) {
        return Err(format!(
            "`{}` is no name for a parameter: letters, digits and `_`, with dots between the names of objects",
            shown(&name)
        ));
    }
    let kind = match kind {
        connector::ParameterKind::Text => ParameterKind::Text,
        connector::ParameterKind::Count => ParameterKind::Count,
        connector::ParameterKind::Number => ParameterKind::Number,
        connector::ParameterKind::Flag => ParameterKind::Flag,
        connector::ParameterKind::Texts => ParameterKind::Texts,
        connector::ParameterKind::Structure => ParameterKind::Structure,
        connector::ParameterKind::Url => ParameterKind::Url,
        connector::ParameterKind::Secret => ParameterKind::Secret,
    };
    if one_of.len() > MOST_CHOICES || !one_of.is_empty() && kind != ParameterKind::Text {
        return Err(format!(
            "its parameter `{name}` has values to choose from, which only a text has, at most {MOST_CHOICES}"
        ));
    }
    let one_of = one_of.iter().map(|choice| shown(choice)).collect();
    Ok(Parameter { name, kind, is_required, one_of, doc: shown(&doc) })
}

fn is_type_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

fn is_parameter_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::exports::duckpen::connectors::connector::{Authentication, ParameterKind as Kind};

    fn parameter(name: &str, kind: Kind) -> connector::Parameter {
        connector::Parameter { name: name.to_owned(), kind, required: false, one_of: Vec::new(), doc: String::new() }
    }

    fn declared(name: &str, parameters: &[(&str, Kind)], authentication: Vec<Authentication>) -> Result<(), String> {
        let parameters = parameters.iter().map(|(name, kind)| parameter(name, *kind)).collect();
        let declaration = connector::Declaration {
            name: name.to_owned(),
            version: "1".to_owned(),
            doc: String::new(),
            parameters,
            source_parameters: Vec::new(),
            sink_parameters: Vec::new(),
            authentication,
        };
        Declaration::check(declaration).map(drop)
    }

    #[test]
    fn a_declaration_is_checked() {
        let bearer = |name: &str| vec![Authentication::Bearer(name.to_owned())];
        for (name, parameters, authentication, expected) in [
            ("shop", &[("url", Kind::Url), ("auth.token", Kind::Secret)][..], bearer("auth.token"), None),
            ("Shop", &[], vec![], Some("`Shop` is no name for a connector")),
            ("", &[], vec![], Some("`` is no name for a connector")),
            ("a b", &[], vec![], Some("`a b` is no name for a connector")),
            ("shop", &[("a", Kind::Text), ("a", Kind::Url)], vec![], Some("declares the parameter `a` twice")),
            ("shop", &[("a b", Kind::Text)], vec![], Some("`a b` is no name for a parameter")),
            ("shop", &[("a..b", Kind::Text)], vec![], Some("`a..b` is no name for a parameter")),
            (
                "shop",
                &[("auth", Kind::Text), ("auth.token", Kind::Secret)],
                vec![],
                Some("its parameter `auth` is a value, and has others inside"),
            ),
            ("shop", &[("headers", Kind::Structure), ("headers.Key", Kind::Secret)], vec![], None),
            (
                "shop",
                &[("headers", Kind::Structure), ("headers.Key", Kind::Text)],
                vec![],
                Some("its parameter `headers` is a value, and has others inside"),
            ),
            ("shop", &[], bearer("token"), Some("uses the parameter `token`, which it does not declare")),
            ("shop", &[("token", Kind::Text)], bearer("token"), Some("`token`, which is of another kind")),
        ] {
            match (declared(name, parameters, authentication), expected) {
                (Ok(()), None) => {}
                (Err(error), Some(expected)) => assert!(error.contains(expected), "{error}"),
                (outcome, expected) => panic!("{name}: {outcome:?} and not {expected:?}"),
            }
        }
        let many: Vec<(String, Kind)> = (0..201).map(|number| (format!("p{number}"), Kind::Text)).collect();
        let many: Vec<(&str, Kind)> = many.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
        assert_eq!(
            declared("shop", &many, vec![]),
            Err("it declares 201 parameters; at most 200 are accepted".to_owned())
        );
    }
}

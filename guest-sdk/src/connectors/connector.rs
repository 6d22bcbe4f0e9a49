//! What every connector is: its name, its parameters, how it shows who asks, and whether its system answers.

use serde::de::DeserializeOwned;

use super::contract::{self, ParameterKind};
use super::host::Host;
use crate::Error;

/// A connector to one kind of system.
///
/// What it is told comes as JSON and is read into its own types: how the system is reached into
/// [`Configuration`](Self::Configuration), what is read or written into the `Selection` of [`Source`](super::Source) or
/// [`Sink`](super::Sink). The host has looked at names and kinds before, by the parameters that are declared here.
pub trait Connector: Sized + 'static {
    /// How the system is reached. Of a secret it holds `true`, that there is one.
    type Configuration: DeserializeOwned;

    /// The type by which pipelines and profiles name it, in lower case: `shopify`.
    const NAME: &'static str;

    /// For people: usually `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;

    /// For people: what it connects to, in a sentence.
    const DOC: &'static str;

    /// How the system is reached: these stand in a profile or in a step.
    fn parameters() -> Vec<Parameter>;

    /// How a request shows who asks: the first whose parameters are all there is used.
    fn authentication() -> Vec<Authentication> {
        Vec::new()
    }

    /// Whether the system can be reached and used; what answered, in a few words.
    ///
    /// # Errors
    /// Why it cannot, with a hint of what can be done.
    fn check(configuration: Self::Configuration, host: &Host) -> Result<String, Error>;
}

/// A parameter that users give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    name: &'static str,
    kind: Kind,
    is_required: bool,
    one_of: &'static [&'static str],
    doc: &'static str,
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number of 0 or more.
    Count,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A list of texts, or one.
    Texts,
    /// An object or a list, of whatever shape.
    Structure,
    /// An address, or a host alone. Its host is one that may be asked.
    Url,
    /// A text that the connector never gets: of its value it learns `true`, that there is one.
    Secret,
}

impl Parameter {
    /// One that has to be given. `name` may stand inside of an object: `auth.token`.
    pub const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, is_required: true, one_of: &[], doc }
    }

    /// One that may be left out.
    pub const fn optional(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, is_required: false, one_of: &[], doc }
    }

    /// The same parameter, with the values that its text may have, in any case of letters.
    #[must_use]
    pub const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.one_of = values;
        self
    }
}

/// How a request shows who asks. Each names parameters by their names; the host puts their values into the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// `Authorization: Bearer TOKEN`
    Bearer(&'static str),
    /// `Authorization: Basic ...`: user and password.
    Basic(&'static str, &'static str),
    /// A header of this name, and the parameter that it carries.
    Header(&'static str, &'static str),
    /// The same with the name of the header in a parameter, the first one.
    NamedHeader(&'static str, &'static str),
    /// A parameter of the query of this name, and the parameter that it carries.
    Query(&'static str, &'static str),
    /// The same with the name in a parameter, the first one.
    NamedQuery(&'static str, &'static str),
    /// The client-credentials grant of OAuth 2.
    ClientCredentials {
        /// The parameter, of kind [`Kind::Url`], with the address that gives tokens.
        url: &'static str,
        /// The parameter with the client's name.
        client_id: &'static str,
        /// The parameter with its secret.
        client_secret: &'static str,
        /// The parameter with what is asked for, where there is one.
        scope: Option<&'static str>,
    },
}

impl From<Parameter> for contract::Parameter {
    fn from(parameter: Parameter) -> Self {
        let kind = match parameter.kind {
            Kind::Text => ParameterKind::Text,
            Kind::Count => ParameterKind::Count,
            Kind::Number => ParameterKind::Number,
            Kind::Flag => ParameterKind::Flag,
            Kind::Texts => ParameterKind::Texts,
            Kind::Structure => ParameterKind::Structure,
            Kind::Url => ParameterKind::Url,
            Kind::Secret => ParameterKind::Secret,
        };
        Self {
            name: parameter.name.to_owned(),
            kind,
            required: parameter.is_required,
            one_of: parameter.one_of.iter().map(|&value| value.to_owned()).collect(),
            doc: parameter.doc.to_owned(),
        }
    }
}

impl From<Authentication> for contract::Authentication {
    fn from(authentication: Authentication) -> Self {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        match authentication {
            Authentication::Bearer(token) => Self::Bearer(token.to_owned()),
            Authentication::Basic(user, password) => Self::Basic(pair(user, password)),
            Authentication::Header(name, value) => Self::Header(pair(name, value)),
            Authentication::NamedHeader(name, value) => Self::NamedHeader(pair(name, value)),
            Authentication::Query(name, value) => Self::Query(pair(name, value)),
            Authentication::NamedQuery(name, value) => Self::NamedQuery(pair(name, value)),
            Authentication::ClientCredentials { url, client_id, client_secret, scope } => {
                Self::ClientCredentials(contract::TokenRequest {
                    url: url.to_owned(),
                    client_id: client_id.to_owned(),
                    client_secret: client_secret.to_owned(),
                    scope: scope.map(str::to_owned),
                })
            }
        }
    }
}

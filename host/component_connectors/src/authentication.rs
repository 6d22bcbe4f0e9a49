//! How a connector's requests show who asks: what its declaration says, with the values of its parameters.

use duckpen_connectors::{Authentication, TokenGrant};
use serde_json::{Map, Value};

use crate::declaration::{Declaration, Declared, Name, ParameterKind};
use crate::values::{address, find, of_kind};

/// The first declared way whose parameters are all there.
pub(crate) fn chosen(declaration: &Declaration, values: &Map<String, Value>) -> Option<Authentication> {
    let text = |name: &str| {
        let parameter = declaration.parameters.iter().find(|parameter| parameter.name == name)?;
        let value = of_kind(parameter, find(parameter, values)?).ok()?;
        value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let name = |name: &Name| match name {
        Name::Fixed(name) => Some(name.clone()),
        Name::Of(parameter) => text(parameter),
    };
    declaration.authentication.iter().find_map(|declared| {
        Some(match declared {
            Declared::Bearer(token) => Authentication::Bearer(text(token)?),
            Declared::Basic(user, password) => Authentication::Basic(text(user)?, text(password)?),
            Declared::Header(header, parameter) => Authentication::Header(name(header)?, text(parameter)?),
            Declared::Query(query, parameter) => Authentication::Query(name(query)?, text(parameter)?),
            Declared::ClientCredentials { url, client_id, client_secret, scope } => {
                Authentication::ClientCredentials(TokenGrant {
                    url: address(&text(url)?).ok()?,
                    client_id: text(client_id)?,
                    client_secret: text(client_secret)?,
                    scope: scope.as_deref().and_then(text),
                })
            }
        })
    })
}

/// All secrets among the values.
pub(crate) fn secrets(declaration: &Declaration, values: &Map<String, Value>) -> Vec<String> {
    let secret = declaration.parameters.iter().filter(|parameter| parameter.kind == ParameterKind::Secret);
    secret.filter_map(|parameter| find(parameter, values)?.as_str().map(str::to_owned)).collect()
}

use duckpen_functions::{DeclaredFunction, Library, Module, ModuleScalar, RelationFunction};
use duckpen_pipeline::PythonArgument;

use super::error::UdfError;

/// What has to be known of a Python function to look at a call of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Its name, which begins with that of its module.
    pub name: String,
    /// Whether it takes a table, before its parameters.
    pub takes_relation: bool,
    /// Names of its parameters, in order, and their defaults as expressions of SQL where they are known.
    pub parameters: Vec<(String, Option<String>)>,
    /// How many of them have to be given.
    pub required: usize,
    /// Whether any number of further arguments is taken.
    pub takes_more: bool,
}

impl Signature {
    /// Those of a component that was made of modules.
    pub(super) fn of(library: &Library) -> Vec<Self> {
        let scalars = library.modules().iter().flat_map(|module: &Module| &module.scalars);
        let scalars = scalars.map(|scalar| Self::of_scalar(scalar, library.functions()));
        scalars.chain(library.relations().iter().map(Self::of_relation)).collect()
    }

    /// Each number of arguments is a function of its own to SQL.
    fn of_scalar<'a>(scalar: &ModuleScalar, declared: impl Iterator<Item = &'a DeclaredFunction>) -> Self {
        let forms: Vec<&DeclaredFunction> = declared.filter(|function| function.name == scalar.name).collect();
        Self {
            name: scalar.name.clone(),
            takes_relation: false,
            parameters: scalar.parameters.clone(),
            required: forms.iter().map(|form| form.parameters.len()).min().unwrap_or(0),
            takes_more: forms.iter().any(|form| form.varargs.is_some()),
        }
    }

    fn of_relation(relation: &RelationFunction) -> Self {
        let parameters = relation.named_parameters().iter();
        Self {
            name: relation.name().to_owned(),
            takes_relation: true,
            parameters: parameters.map(|parameter| (parameter.name.clone(), None)).collect(),
            required: 0,
            takes_more: false,
        }
    }

    /// Arguments by position: DuckDB's scalar functions have no named ones. What lies between is given its default.
    pub(super) fn in_order(&self, arguments: Vec<PythonArgument>) -> Result<Vec<String>, UdfError> {
        let wrong = |what: String| UdfError::Arguments { name: self.name.clone(), what };
        let mut given: Vec<Option<String>> = Vec::new();
        let mut named = false;
        for argument in arguments {
            match argument.name {
                None if named => return Err(wrong("an argument without a name behind one that has a name".into())),
                None => given.push(Some(argument.sql)),
                Some(parameter) => {
                    named = true;
                    let at = self.position(&parameter)?;
                    if given.len() <= at {
                        given.resize(at + 1, None);
                    }
                    if given[at].replace(argument.sql).is_some() {
                        return Err(wrong(format!("`{parameter}` twice")));
                    }
                }
            }
        }
        if given.len() < self.required || given.len() > self.parameters.len() && !self.takes_more {
            return Err(wrong(self.other_number(given.len())));
        }
        let fill = |(at, value): (usize, Option<String>)| {
            let (parameter, default) = match self.parameters.get(at) {
                Some((name, default)) => (name.as_str(), default.clone()),
                None => ("", None),
            };
            value.or(default).ok_or_else(|| wrong(format!("no `{parameter}`, and others behind it")))
        };
        given.into_iter().enumerate().map(fill).collect()
    }

    /// Arguments beside the table, by the names of their parameters.
    pub(super) fn by_name(&self, arguments: Vec<PythonArgument>) -> Result<Vec<(String, String)>, UdfError> {
        let wrong = |what: String| UdfError::Arguments { name: self.name.clone(), what };
        let mut given: Vec<(String, String)> = Vec::new();
        for (at, argument) in arguments.into_iter().enumerate() {
            let at = match argument.name {
                Some(parameter) => self.position(&parameter)?,
                None => at,
            };
            let Some((parameter, _)) = self.parameters.get(at) else {
                let what = format!("{} arguments beside the table, where it has {}", at + 1, self.parameters.len());
                return Err(wrong(what));
            };
            if given.iter().any(|(other, _)| other == parameter) {
                return Err(wrong(format!("`{parameter}` twice")));
            }
            given.push((parameter.clone(), argument.sql));
        }
        Ok(given)
    }

    fn position(&self, argument: &str) -> Result<usize, UdfError> {
        let found = self.parameters.iter().position(|(name, _)| name.eq_ignore_ascii_case(argument));
        found.ok_or_else(|| UdfError::Parameter {
            name: self.name.clone(),
            argument: argument.to_owned(),
            parameters: self.parameters.iter().map(|(name, _)| name.clone()).collect(),
        })
    }

    /// `1 argument, and takes 2 to 3: price, rate, note`
    fn other_number(&self, given: usize) -> String {
        let (least, most) = (self.required, self.parameters.len());
        let takes = match (least, most) {
            _ if self.takes_more => format!("at least {least}"),
            (0, 0) => "none".to_owned(),
            (least, most) if least == most => most.to_string(),
            (least, most) => format!("{least} to {most}"),
        };
        let names: Vec<&str> = self.parameters.iter().map(|(name, _)| name.as_str()).collect();
        let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        let argument = if given == 1 { "argument" } else { "arguments" };
        format!("{given} {argument}, and takes {takes}{names}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_arguments_of_scalar_functions_find_their_places() {
        let parameter = |name: &str, default: Option<&str>| (name.to_owned(), default.map(str::to_owned));
        let signature = Signature {
            name: "python_udfs.m.tax".to_owned(),
            takes_relation: false,
            parameters: vec![parameter("price", None), parameter("rate", Some("0.1")), parameter("note", None)],
            required: 1,
            takes_more: false,
        };
        let argument =
            |name: Option<&str>, sql: &str| PythonArgument { name: name.map(str::to_owned), sql: sql.to_owned() };
        for (arguments, expected) in [
            (vec![argument(None, "v")], "v"),
            (vec![argument(None, "v"), argument(Some("RATE"), "0.2")], "v, 0.2"),
            (vec![argument(None, "v"), argument(Some("note"), "'x'")], "v, 0.1, 'x'"),
            (vec![argument(None, "1"), argument(None, "2"), argument(None, "3")], "1, 2, 3"),
            (
                vec![argument(None, "1"), argument(None, "2"), argument(None, "3"), argument(None, "4")],
                "the Python function `python_udfs.m.tax` is given 4 arguments, and takes 1 to 3: price, rate, note",
            ),
            (
                vec![],
                "the Python function `python_udfs.m.tax` is given 0 arguments, and takes 1 to 3: price, rate, note",
            ),
            (
                vec![argument(Some("rate"), "1")],
                "the Python function `python_udfs.m.tax` is given no `price`, and others behind it",
            ),
            (
                vec![argument(None, "v"), argument(Some("price"), "1")],
                "the Python function `python_udfs.m.tax` is given `price` twice",
            ),
            (
                vec![argument(Some("price"), "1"), argument(None, "v")],
                "the Python function `python_udfs.m.tax` is given an argument without a name behind one that has a name",
            ),
            (
                vec![argument(Some("cost"), "1")],
                "the Python function `python_udfs.m.tax` has no parameter `cost`; it has price, rate, note",
            ),
        ] {
            let found = signature.in_order(arguments);
            assert_eq!(found.map_or_else(|error| error.to_string(), |found| found.join(", ")), expected);
        }
        let open = Signature { required: 2, takes_more: true, ..signature };
        assert!(open.in_order(vec![argument(None, "1")]).is_err_and(|error| {
            error.to_string().ends_with("is given 1 argument, and takes at least 2: price, rate, note")
        }));
        assert!(open.in_order((0..9).map(|_| argument(None, "1")).collect()).is_ok());
    }
}

use std::fmt;

/// A call of a Python function that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UdfError {
    /// No module has the function.
    #[error("there is no Python function `{reference}`{}", in_modules(modules))]
    Unknown {
        /// The function as it is called.
        reference: String,
        /// A name that is nearly it.
        near: Option<String>,
        /// The modules that were looked through.
        modules: usize,
    },
    /// It is in a module that cannot be imported, or is not usable itself.
    #[error("the Python function `{reference}` cannot be used\n{reason}")]
    Unusable {
        /// The function as it is called.
        reference: String,
        /// Why not: the traceback of its module, where that is it.
        reason: String,
    },
    /// Several modules have one.
    #[error("`{reference}` may be any of several Python functions: {}", candidates.join(", "))]
    Ambiguous {
        /// The function as it is called.
        reference: String,
        /// Their names.
        candidates: Vec<String>,
    },
    /// It is called where functions of its kind cannot stand.
    #[error("the Python function `{name}` {}", if *takes_relation { "takes a table: it stands in FROM" } else { "takes the values of a row: it cannot stand in FROM" })]
    Place {
        /// The function.
        name: String,
        /// Whether it is one of tables.
        takes_relation: bool,
    },
    /// It is not given a table.
    #[error("the Python function `{name}` takes a table, and `{given}` is none")]
    NoRelation {
        /// The function.
        name: String,
        /// What it is given.
        given: String,
    },
    /// An argument has a name that no parameter has.
    #[error("the Python function `{name}` has no parameter `{argument}`{}", has(parameters))]
    Parameter {
        /// The function.
        name: String,
        /// The argument's name.
        argument: String,
        /// The names of its parameters.
        parameters: Vec<String>,
    },
    /// A parameter is not given, or twice.
    #[error("the Python function `{name}` is given {what}")]
    Arguments {
        /// The function.
        name: String,
        /// What is wrong about its arguments.
        what: String,
    },
    /// A view holds a query, and no rows.
    #[error("the view calls the Python function `{name}`, which takes a table and is run once")]
    View {
        /// The function.
        name: String,
    },
}

fn in_modules(modules: &usize) -> String {
    match modules {
        0 => ": the project has no folder python_udfs with modules in it".to_owned(),
        1 => " in the module of python_udfs".to_owned(),
        count => format!(" in the {count} modules of python_udfs"),
    }
}

fn has(parameters: &[String]) -> String {
    if parameters.is_empty() { String::new() } else { format!("; it has {}", parameters.join(", ")) }
}

impl UdfError {
    /// What its reader can do.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unknown { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::Unknown { .. } => {
                "`duckpen functions` lists what there is; decorate it with @python_scalar_udf or @python_table_udf"
                    .into()
            }
            Self::Unusable { .. } => return None,
            Self::Ambiguous { candidates, .. } => {
                format!("write the whole name: PYTHON_FUNC(\"{}\", ...)", candidates.first()?)
            }
            Self::Place { name, takes_relation: true } => {
                format!("write SELECT * FROM PYTHON_FUNC(\"{name}\", table)")
            }
            Self::Place { name, .. } => format!("write SELECT PYTHON_FUNC(\"{name}\", column) FROM table"),
            Self::NoRelation { name, .. } => {
                format!("give it a table or a query: PYTHON_FUNC(\"{name}\", (SELECT ...))")
            }
            Self::Parameter { .. } | Self::Arguments { .. } => return None,
            Self::View { .. } => "write CREATE TABLE in the place of CREATE VIEW".into(),
        })
    }
}

/// A call that is made, though not as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UdfWarning {
    /// The function as it is called.
    pub reference: String,
    /// The function that is meant.
    pub name: String,
}

impl fmt::Display for UdfWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no module has `{}`; `{}` is the only function of that name, and is taken", self.reference, self.name)
    }
}

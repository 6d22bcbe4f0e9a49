//! A component of functions, whatever their kinds.

use std::collections::HashMap;
use std::sync::Arc;

use duckpen_database::{LogicalType, Session};
use duckpen_sandbox::{Component, Engine, Limits, LoadError, Template};

use crate::declaration::{DeclaredFunction, Draft, FunctionKind};
use crate::describe::LibraryError;
use crate::host::{FunctionHost, GRANTED_INTERFACES, add_to_linker};
use crate::plain::{self, Unmapped};
use crate::relation::RelationFunction;
use crate::statistics::{FunctionStatistics, Statistics};
use crate::{Module, Names, aggregate, modules, relation, resident, scalar, table};

/// Functions one component may declare.
const MOST_FUNCTIONS: usize = 1_000;

/// Asks a component for its functions of one kind.
type Describe = fn(&Component) -> Result<Vec<DeclaredFunction>, LibraryError>;

/// The interface of each kind.
const KINDS: &[(&str, Describe)] = &[
    (scalar::INTERFACE, scalar::describe),
    (aggregate::INTERFACE, aggregate::describe),
    (resident::INTERFACE, resident::describe),
    (table::INTERFACE, table::describe),
    (relation::INTERFACE, relation::describe),
];

/// A component of functions.
pub struct Library {
    template: Template<FunctionHost>,
    functions: Vec<(DeclaredFunction, Arc<Statistics>)>,
    /// Of a plain component: where its functions are in it.
    plain: Option<plain::Exports>,
    modules: Vec<Module>,
}

impl Library {
    /// Loads a component and asks it what it offers.
    ///
    /// # Errors
    /// When the bytes are no component, it wants what it is not granted, it exports no interface this host knows, or what
    /// it declares is not usable. A component that misbehaves while it is asked is stopped.
    pub fn load(engine: &Engine, name: &str, bytes: &[u8], limits: &Limits) -> Result<Self, LibraryError> {
        Self::load_as(engine, name, bytes, limits, &Names::default())
    }

    /// Likewise, with other names for its functions.
    ///
    /// # Errors
    /// Also when a function is to be renamed that is not there.
    pub fn load_as(
        engine: &Engine,
        name: &str,
        bytes: &[u8],
        limits: &Limits,
        names: &Names,
    ) -> Result<Self, LibraryError> {
        let component = Component::load(engine, name, bytes)?;
        if !Self::is_offered_by(&component)? {
            let interfaces: Vec<String> = KINDS.iter().map(|(interface, _)| format!("`{interface}`")).collect();
            let reason = format!("it exports no functions ({})", interfaces.join(" or "));
            return Err(component.contract_error(reason).into());
        }
        let mut declared = Vec::new();
        let mut plain = None;
        if plain::is_plain(&component) {
            let (functions, exports) = plain::describe(&component, names)?;
            declared.extend(functions);
            plain = Some(exports);
        }
        for (interface, describe) in KINDS {
            if component.offers(interface)? {
                declared.extend(describe(&component)?);
            }
        }
        if plain.is_none() {
            rename(&component, &mut declared, names)?;
        }
        let modules = if component.offers(modules::INTERFACE)? { modules::describe(&component)? } else { Vec::new() };
        check_all(&declared).map_err(|reason| component.contract_error(reason))?;
        let functions = declared.into_iter().map(|function| (function, Arc::default())).collect();
        let template = Template::new(&component, limits.clone(), GRANTED_INTERFACES, add_to_linker)?;
        Ok(Self { template, functions, plain, modules })
    }

    /// Whether a component knows nothing of Duckpen, and exports functions of its own WIT.
    pub fn is_plain(component: &Component) -> bool {
        plain::is_plain(component)
    }

    /// Whether a component offers functions of any kind, or of its own WIT.
    ///
    /// # Errors
    /// [`LoadError::UnknownVersion`] where it offers them in a version that this host does not speak.
    pub fn is_offered_by(component: &Component) -> Result<bool, LoadError> {
        let plain = plain::is_plain(component);
        KINDS.iter().try_fold(plain, |offered, (interface, _)| Ok(offered | component.offers(interface)?))
    }

    /// The component.
    pub fn component(&self) -> &Component {
        self.template.component()
    }

    /// The limits each call has.
    pub fn limits(&self) -> &Limits {
        self.template.limits()
    }

    /// What it declares: kind by kind, each in its order.
    pub fn functions(&self) -> impl Iterator<Item = &DeclaredFunction> {
        self.functions.iter().map(|(function, _)| function)
    }

    /// Functions of a plain component that SQL cannot call.
    pub fn unmapped(&self) -> &[Unmapped] {
        self.plain.as_ref().map_or(&[], |exports| &exports.unmapped)
    }

    /// The modules the component was made of, where that is what it was made of.
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// Its functions of relations, which no query can call by itself.
    pub fn relations(&self) -> Vec<RelationFunction> {
        let all = self.of_kind(FunctionKind::Relation).into_iter().enumerate();
        all.map(|(index, (function, statistics))| {
            RelationFunction::new(function, index as u32, &self.template, statistics)
        })
        .collect()
    }

    /// What each function has cost so far.
    pub fn statistics(&self) -> impl Iterator<Item = (&DeclaredFunction, FunctionStatistics)> {
        self.functions.iter().map(|(function, statistics)| (function, statistics.snapshot()))
    }

    /// Has `listener` told of every instance of the component that is thrown away, when it happens: by the word for the
    /// outcome of its last call, as in [`FunctionStatistics::discarded`]. It takes the place of an earlier listener.
    pub fn on_discard(&self, listener: impl Fn(&'static str) + Send + Sync + 'static) {
        let listener = Arc::new(listener);
        self.functions.iter().for_each(|(_, statistics)| statistics.set_discard_listener(Arc::clone(&listener) as _));
    }

    /// Makes the functions known to all sessions of a database.
    ///
    /// # Errors
    /// When a name is taken, or a word that SQL keeps for itself.
    pub fn register(&self, session: &Session) -> Result<(), LibraryError> {
        let failed = |source| LibraryError::Register { component: self.component().name().to_owned(), source };
        let names = self.functions().map(|function| function.name.as_str());
        if let Some(name) = session.reserved_word(names).map_err(failed)? {
            let reason = format!("it declares the function `{name}`, which is a word that SQL keeps for itself");
            return Err(self.component().contract_error(reason).into());
        }
        let scalars = self.of_kind(FunctionKind::Scalar);
        match &self.plain {
            Some(exports) => plain::register(session, &self.template, exports, &scalars),
            None => scalar::register(session, &self.template, &scalars)
                .and_then(|()| aggregate::register(session, &self.template, &self.of_kind(FunctionKind::Aggregate)))
                .and_then(|()| {
                    resident::register(session, &self.template, &self.of_kind(FunctionKind::ResidentAggregate))
                })
                .and_then(|()| table::register(session, &self.template, &self.of_kind(FunctionKind::Table))),
        }
        .map_err(failed)
    }

    /// The functions of a kind, in the order in which the component declares them.
    fn of_kind(&self, kind: FunctionKind) -> Vec<(&DeclaredFunction, &Arc<Statistics>)> {
        let all = self.functions.iter().map(|(function, statistics)| (function, statistics));
        all.filter(|(function, _)| function.kind == kind).collect()
    }
}

/// Gives the functions of a component that declares them the names they are to have.
fn rename(component: &Component, declared: &mut [DeclaredFunction], names: &Names) -> Result<(), LibraryError> {
    if let Some(name) = names.unknown(declared.iter().map(|function| function.name.as_str())) {
        return Err(LibraryError::nothing_to_rename(component, name));
    }
    for function in declared {
        let draft = Draft::new(names.of(&[&function.name])).map_err(|reason| component.contract_error(reason))?;
        function.name = draft.into_name();
    }
    Ok(())
}

fn check_all(functions: &[DeclaredFunction]) -> Result<(), String> {
    if functions.len() > MOST_FUNCTIONS {
        return Err(format!("it declares {} functions; at most {MOST_FUNCTIONS} are accepted", functions.len()));
    }
    let mut overloads: HashMap<String, Vec<&DeclaredFunction>> = HashMap::new();
    for function in functions {
        let others = overloads.entry(function.name.to_lowercase()).or_default();
        if let Some(other) = others.iter().find(|other| have_parameters(function, other, LogicalType::is_alike)) {
            let signature = function.signature();
            return Err(if have_parameters(function, other, LogicalType::eq) {
                format!("it declares `{signature}` twice")
            } else {
                format!("it declares `{}` and `{signature}`, between which DuckDB cannot choose", other.signature())
            });
        }
        others.push(function);
    }
    Ok(())
}

/// Whether two functions have parameters of which each pair of types is the same in a sense.
fn have_parameters(
    one: &DeclaredFunction,
    another: &DeclaredFunction,
    is_same: impl Fn(&LogicalType, &LogicalType) -> bool,
) -> bool {
    let types = |function: &DeclaredFunction| {
        let positional = function.parameters.iter().map(|parameter| parameter.logical_type.clone());
        positional.chain(function.varargs.clone()).collect::<Vec<_>>()
    };
    let (types, others) = (types(one), types(another));
    types.len() == others.len()
        && one.varargs.is_some() == another.varargs.is_some()
        && types.iter().zip(&others).all(|(one, another)| is_same(one, another))
}

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use wasmtime::component::types::ComponentItem;

use crate::Engine;
use crate::cache::Lookup;
use crate::compiler::CompileFailure;

/// Bytes of a component that are accepted.
pub(crate) const MAX_BYTES: usize = 128 << 20;

/// A component that is compiled and looked through, and cannot do anything yet. Cheap to clone.
#[derive(Clone)]
pub struct Component {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    digest: String,
    imports: Vec<Import>,
    exports: Vec<String>,
    wasmtime: wasmtime::component::Component,
    engine: Engine,
}

/// Something that a component wants from its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The interface with its version, or the name of a function.
    pub name: String,
    /// The functions wanted of it; empty when only types are.
    pub functions: Vec<String>,
}

impl Import {
    /// Whether the host answers it with an inert stand-in.
    pub fn is_wasi(&self) -> bool {
        self.name.starts_with("wasi:")
    }
}

/// A component that is not loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The bytes are neither a component nor a module with a contract inside.
    #[error("`{name}` is not a WebAssembly component: {reason}")]
    NotAComponent {
        /// The component's name.
        name: String,
        /// What is wrong with the bytes.
        reason: String,
    },
    /// It is larger than the host accepts.
    #[error("component `{name}` has {bytes} bytes; at most {MAX_BYTES} are accepted")]
    TooLarge {
        /// The component's name.
        name: String,
        /// Its size.
        bytes: usize,
    },
    /// It is valid and cannot be compiled.
    #[error("component `{name}` cannot be compiled: {reason}")]
    Compile {
        /// The component's name.
        name: String,
        /// The compiler's words.
        reason: String,
    },
    /// It imports what it was not granted.
    #[error("component `{name}` imports {}, which it is not granted", imports.join(", "))]
    Ungranted {
        /// The component's name.
        name: String,
        /// The imports, with versions.
        imports: Vec<String>,
    },
    /// It was built for another version of an interface.
    #[error("component `{name}` was built for `{found}`; this host speaks `{supported}`")]
    UnknownVersion {
        /// The component's name.
        name: String,
        /// The interface in the component.
        found: String,
        /// The interface of this host.
        supported: String,
    },
    /// What it offers is not what the contract says.
    #[error("component `{name}` does not fit the contract: {reason}")]
    Contract {
        /// The component's name.
        name: String,
        /// What does not fit.
        reason: String,
    },
}

impl Component {
    /// Loads a component, or a core module that carries its contract in a custom section. `name` is for messages.
    ///
    /// # Errors
    /// When the bytes are no component or cannot be compiled.
    pub fn load(engine: &Engine, name: &str, bytes: &[u8]) -> Result<Self, LoadError> {
        if bytes.len() > MAX_BYTES {
            return Err(LoadError::TooLarge { name: name.to_owned(), bytes: bytes.len() });
        }
        let digest = hex(&Sha256::digest(bytes));
        let wasmtime = compiled(engine, name, &digest, bytes)?;
        let kind = wasmtime.component_type();
        let imports = kind
            .imports(&engine.wasmtime)
            .map(|(name, item)| Import { name: name.to_owned(), functions: functions(engine, name, &item.ty) })
            .collect();
        let exports = kind.exports(&engine.wasmtime).map(|(name, _)| name.to_owned()).collect();
        let inner = Inner { name: name.to_owned(), digest, imports, exports, wasmtime, engine: engine.clone() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The name it was loaded under.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// SHA-256 of the bytes it was loaded from, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.inner.digest
    }

    /// What it wants from the host.
    pub fn imports(&self) -> &[Import] {
        &self.inner.imports
    }

    /// The interfaces (with versions) and functions it offers.
    pub fn exports(&self) -> &[String] {
        &self.inner.exports
    }

    /// Whether it offers the interface `name` (`package/interface@version`). An interface of another version is an error:
    /// it would be overlooked otherwise.
    ///
    /// # Errors
    /// [`LoadError::UnknownVersion`].
    pub fn offers(&self, name: &str) -> Result<bool, LoadError> {
        match self.exports().iter().find(|export| unversioned(export) == unversioned(name)) {
            Some(found) if found == name => Ok(true),
            Some(found) => Err(LoadError::UnknownVersion {
                name: self.name().to_owned(),
                found: found.clone(),
                supported: name.to_owned(),
            }),
            None => Ok(false),
        }
    }

    /// A [`LoadError::Contract`] of this component.
    pub fn contract_error(&self, reason: impl Into<String>) -> LoadError {
        LoadError::Contract { name: self.name().to_owned(), reason: reason.into() }
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::component::Component {
        &self.inner.wasmtime
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }
}

/// The name of an interface without its version.
pub(crate) fn unversioned(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}

fn functions(engine: &Engine, name: &str, item: &ComponentItem) -> Vec<String> {
    match item {
        ComponentItem::ComponentInstance(instance) => instance
            .exports(&engine.wasmtime)
            .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)))
            .map(|(name, _)| name.to_owned())
            .collect(),
        ComponentItem::ComponentFunc(_) => vec![name.to_owned()],
        _ => Vec::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The compiled component, from the cache or the compiler.
fn compiled(
    engine: &Engine,
    name: &str,
    digest: &str,
    bytes: &[u8],
) -> Result<wasmtime::component::Component, LoadError> {
    let mut hasher = DefaultHasher::new();
    engine.wasmtime.precompile_compatibility_hash().hash(&mut hasher);
    let entry = format!("{digest}-{:016x}", hasher.finish());
    if let Some(cache) = &engine.cache {
        match cache.get(&entry) {
            // Written by this program with a key that only its user has, for this very component and an engine of the same
            // version and configuration, and unchanged since.
            Lookup::Hit(code) => match loaded(engine, &code) {
                Ok(component) => return Ok(component),
                Err(error) => tracing::warn!(component = name, %error, "compiled code does not load: compiling anew"),
            },
            Lookup::Miss => tracing::debug!(component = name, "compiling"),
            Lookup::Corrupted => {
                tracing::warn!(component = name, entry, "the cache entry is damaged or foreign: compiling anew");
            }
        }
    }
    let code = engine.compiler.compile(engine, bytes).map_err(|failure| match failure {
        CompileFailure::NotAComponent(reason) => LoadError::NotAComponent { name: name.to_owned(), reason },
        CompileFailure::Compile(reason) => LoadError::Compile { name: name.to_owned(), reason },
    })?;
    let component = loaded(engine, &code)
        .map_err(|error| LoadError::Compile { name: name.to_owned(), reason: format!("{error:#}") })?;
    if let Some(cache) = &engine.cache
        && let Err(error) = cache.put(&entry, &code)
    {
        tracing::warn!(component = name, %error, "compiled code is not kept");
    }
    Ok(component)
}

/// Compiled code made ready to run. Whoever calls it says where the code is from.
fn loaded(engine: &Engine, code: &[u8]) -> wasmtime::Result<wasmtime::component::Component> {
    // SAFETY: the code was made by the compiler of this very engine, here or in a process that this program has started
    // from itself for nothing else and whose output nobody else writes to; or it comes from the cache, which knows by its
    // mark that this program has put it there. The engine refuses code of another version or configuration.
    #[expect(unsafe_code)]
    unsafe {
        wasmtime::component::Component::deserialize(&engine.wasmtime, code)
    }
}

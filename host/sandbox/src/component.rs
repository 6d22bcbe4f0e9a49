use std::borrow::Cow;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use wasmtime::component::types::ComponentItem;

use crate::Engine;
use crate::cache::Lookup;

/// Bytes of a component that are accepted.
const MAX_BYTES: usize = 128 << 20;

/// Stack of the thread that compiles: deeply nested code needs much of it.
const COMPILER_STACK_BYTES: usize = 64 << 20;

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
        let base = |name: &str| name.split('@').next().map(str::to_owned);
        match self.exports().iter().find(|export| base(export) == base(name)) {
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
            Lookup::Hit(code) => {
                // SAFETY: the entry was written by this program with a key that only its user has, for this very component
                // and an engine of the same version and configuration, and is unchanged since.
                #[expect(unsafe_code)]
                let loaded = unsafe { wasmtime::component::Component::deserialize(&engine.wasmtime, &code) };
                match loaded {
                    Ok(component) => return Ok(component),
                    Err(error) => {
                        tracing::warn!(component = name, %error, "compiled code does not load: compiling anew")
                    }
                }
            }
            Lookup::Miss => tracing::debug!(component = name, "compiling"),
            Lookup::Corrupted => {
                tracing::warn!(component = name, entry, "the cache entry is damaged or foreign: compiling anew");
            }
        }
    }
    let component = compile(engine, name, bytes)?;
    if let Some(cache) = &engine.cache {
        let kept = component.serialize().map_err(|error| error.to_string());
        if let Err(error) = kept.and_then(|code| cache.put(&entry, &code).map_err(|error| error.to_string())) {
            tracing::warn!(component = name, error, "compiled code is not kept");
        }
    }
    Ok(component)
}

/// A component as it is; a core module is made into one with the contract it carries.
fn as_component<'a>(engine: &Engine, name: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, LoadError> {
    let refused = |reason: String| LoadError::NotAComponent { name: name.to_owned(), reason };
    match bytes {
        [b'\0', b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => Ok(bytes.into()),
        // The encoder takes it for granted that the module is whole.
        [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => wasmtime::Module::validate(&engine.wasmtime, bytes)
            .map_err(|error| refused(format!("a module that is not valid: {error:#}")))
            .and_then(|()| encoded(bytes).map_err(refused)),
        _ => Err(refused("the file does not begin like one".into())),
    }
}

fn encoded(module: &[u8]) -> Result<Cow<'static, [u8]>, String> {
    wit_component::ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map(Cow::Owned)
        .map_err(|error| format!("a module that carries no usable contract: {error:#}"))
}

/// Makes a component of the bytes and compiles it, on a thread of its own, of which a crash is an error like any other.
fn compile(engine: &Engine, name: &str, bytes: &[u8]) -> Result<wasmtime::component::Component, LoadError> {
    let failed = |reason: String| LoadError::Compile { name: name.to_owned(), reason };
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("duckpen-compiler".into())
            .stack_size(COMPILER_STACK_BYTES)
            .spawn_scoped(scope, || {
                let component = as_component(engine, name, bytes)?;
                wasmtime::component::Component::new(&engine.wasmtime, &component)
                    .map_err(|error| failed(format!("{error:#}")))
            })
            .map_err(|error| failed(format!("no thread for the compiler: {error}")))?
            .join()
            .map_err(|_| failed("the compiler crashed".into()))?
    })
}

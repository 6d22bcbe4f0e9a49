//! The functions that a component exports, with their types.

use wasmtime::component::types::{ComponentFunc, ComponentItem};

use crate::Component;

/// A function that a component exports, of itself or in an interface.
#[derive(Debug, Clone)]
pub struct ExportedFunction {
    /// The interface with its package and version; none where it is the component's own.
    pub interface: Option<String>,
    /// Its name as WIT has it.
    pub name: String,
    /// Its parameters and result.
    pub signature: ComponentFunc,
}

impl Component {
    /// Every function it exports, in the order of the exports.
    pub fn exported_functions(&self) -> Vec<ExportedFunction> {
        let engine = &self.engine().wasmtime;
        let mut functions = Vec::new();
        for (export, item) in self.wasmtime().component_type().exports(engine) {
            match item.ty {
                ComponentItem::ComponentFunc(signature) => {
                    functions.push(ExportedFunction { interface: None, name: export.to_owned(), signature });
                }
                ComponentItem::ComponentInstance(instance) => {
                    functions.extend(instance.exports(engine).filter_map(|(name, item)| match item.ty {
                        ComponentItem::ComponentFunc(signature) => Some(ExportedFunction {
                            interface: Some(export.to_owned()),
                            name: name.to_owned(),
                            signature,
                        }),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
        functions
    }
}

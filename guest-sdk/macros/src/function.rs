//! The expansion that both styles share: a type of the function's name that implements `Function`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemFn, Type};

use crate::options::{Options, Style};
use crate::{columns, rows, signature};

/// What a style contributes.
pub struct Evaluation {
    /// Name and logical type of each parameter.
    pub parameters: Vec<(String, Type)>,
    /// The type of any number of further arguments.
    pub varargs: Option<Type>,
    /// The type of what is kept from batch to batch, besides results.
    pub state: TokenStream,
    /// The type, as a parameter of `Results`, of the results.
    pub results: TokenStream,
    /// Whether the function sees NULLs.
    pub called_on_null: bool,
    /// The body of `evaluate(&mut self, __arguments, __rows)`.
    pub body: TokenStream,
}

pub fn expand(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let options = Options::parse(options)?;
    let function: ItemFn = syn::parse2(item)?;
    let evaluation = match options.style {
        Style::Rows => rows::evaluation(&function)?,
        Style::Columns => columns::evaluation(&function, &options)?,
    };

    let Evaluation { parameters, varargs, state, results, called_on_null, body } = evaluation;
    let function = signature::without_preparations(function);
    let (visibility, ident) = (&function.vis, &function.sig.ident);
    let name = options.name.unwrap_or_else(|| signature::plain(ident));
    let doc = signature::doc(&function.attrs);
    let names = parameters.iter().map(|(name, _)| name);
    let types = parameters.iter().map(|(_, ty)| ty);
    let varargs = match varargs {
        None => quote!(::core::option::Option::None),
        Some(ty) => {
            quote!(::core::option::Option::Some(<#ty as ::duckpen::functions::parameter::Parameter>::logical_type()))
        }
    };
    let nulls = if called_on_null { quote!(Nulls::Called) } else { quote!(Nulls::Propagate) };
    let stability = if options.volatile { quote!(Calls::Volatile) } else { quote!(Calls::Consistent) };

    // A struct with braces lives among the types only, so that it can have the function's own name, and the path by which
    // the one is reached reaches the other.
    Ok(quote! {
        #function

        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #visibility struct #ident {}

        const _: () = {
            use ::duckpen::functions::declaration::{Calls, Description, Nulls};
            use ::duckpen::functions::library::{Evaluate, Function};
            use ::duckpen::functions::contract::{Argument, RawColumn};

            #[derive(::core::default::Default)]
            struct __Evaluator {
                results: ::duckpen::Results<#results>,
                state: #state,
            }

            impl Evaluate for __Evaluator {
                fn evaluate(
                    &mut self,
                    __arguments: &[Argument],
                    __rows: usize,
                ) -> ::core::result::Result<&RawColumn, ::duckpen::Error> {
                    #body
                }
            }

            impl #ident {
                #[doc(hidden)]
                pub const FUNCTION: &'static dyn Function = &Self {};
            }

            impl Function for #ident {
                fn describe(&self) -> Description {
                    Description {
                        name: #name,
                        parameters: ::std::vec![
                            #((#names, <#types as ::duckpen::functions::parameter::Parameter>::logical_type())),*
                        ],
                        varargs: #varargs,
                        returns: <#results as ::duckpen::functions::results::ResultType>::logical_type(),
                        nulls: #nulls,
                        stability: #stability,
                        doc: #doc,
                    }
                }

                fn open(&self) -> ::std::boxed::Box<dyn Evaluate> {
                    ::std::boxed::Box::new(__Evaluator::default())
                }
            }
        };
    })
}

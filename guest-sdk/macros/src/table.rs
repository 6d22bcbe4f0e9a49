//! The expansion of `#[duckpen::table_function]`: a type of the function's name that implements `TableFunction`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;
use syn::{Attribute, FnArg, ItemFn, LitStr, ReturnType, Token, Type, meta};

use crate::signature::{self, Parameter};

/// What stands between the parentheses of the attribute.
#[derive(Default)]
struct Options {
    name: Option<String>,
    /// The names of the fields; those that the rows give where there are none.
    fields: Vec<String>,
    /// Whether the function returns a `DynamicTable`.
    dynamic: bool,
}

impl Options {
    fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut options = Self::default();
        let parser = meta::parser(|option| {
            if option.path.is_ident("name") {
                options.name = Some(option.value()?.parse::<LitStr>()?.value());
            } else if option.path.is_ident("fields") {
                let names;
                syn::parenthesized!(names in option.input);
                let names = names.parse_terminated(syn::ext::IdentExt::parse_any as fn(_) -> _, Token![,])?;
                options.fields = names.iter().map(signature::plain).collect();
            } else if option.path.is_ident("dynamic") {
                options.dynamic = true;
            } else {
                return Err(option.error("expected `name`, `fields` or `dynamic`"));
            }
            Ok(())
        });
        parser.parse2(tokens.clone())?;
        if options.dynamic && !options.fields.is_empty() {
            let message = "`fields` does not go with `dynamic`: the function's `DynamicTable` says what its fields are";
            return Err(syn::Error::new_spanned(tokens, message));
        }
        Ok(options)
    }
}

pub fn expand(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let options = Options::parse(options)?;
    let mut function: ItemFn = syn::parse2(item)?;
    let named = take_named(&mut function);
    let parameters = signature::parameters(&function)?;

    let (mut declared, mut declared_by_name, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (Parameter { name, ty, preparation }, is_named) in parameters.iter().zip(named) {
        if let Some(preparation) = preparation {
            let message = "`prepare` goes with scalar functions: a table function is called once for each of its uses";
            return Err(syn::Error::new_spanned(&preparation.closure, message));
        }
        if is_named {
            let inner = signature::argument_of(ty, "Option").ok_or_else(|| {
                syn::Error::new_spanned(ty, "a parameter given by name may be left out, so it has to be an `Option`")
            })?;
            declared_by_name.push(quote!((#name, <#inner as Parameter>::logical_type())));
            values.push(quote!(__arguments.named::<#inner>(#name)?));
        } else {
            let index = declared.len();
            declared.push(quote!((#name, <#ty as Parameter>::logical_type())));
            values.push(quote!(__arguments.positional::<#ty>(#index, #name)?));
        }
    }

    let (visibility, ident) = (&function.vis, &function.sig.ident);
    let call = match returns_result(&function) {
        true => quote!(#ident(#(#values),*).map_err(::duckpen::Error::from)),
        false => quote!(::core::result::Result::Ok(#ident(#(#values),*))),
    };
    let fields = &options.fields;
    let bind = match options.dynamic {
        true => quote!(#call.map(dynamic)),
        false => quote!(rows(&[#(#fields),*], move || #call)),
    };
    let name = options.name.unwrap_or_else(|| signature::plain(ident));
    let doc = signature::doc(&function.attrs);

    Ok(quote! {
        #function

        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #visibility struct #ident {}

        const _: () = {
            use ::duckpen::functions::parameter::Parameter;
            use ::duckpen::functions::table::arguments::Arguments;
            #[allow(unused_imports)]
            use ::duckpen::functions::table::call::{Call, dynamic};
            use ::duckpen::functions::table::library::{Description, TableFunction};
            #[allow(unused_imports)]
            use ::duckpen::functions::table::rows::rows;

            impl #ident {
                #[doc(hidden)]
                pub const FUNCTION: &'static dyn TableFunction = &Self {};
            }

            impl TableFunction for #ident {
                fn describe(&self) -> Description {
                    Description {
                        name: #name,
                        parameters: ::std::vec![#(#declared),*],
                        named: ::std::vec![#(#declared_by_name),*],
                        doc: #doc,
                    }
                }

                #[allow(unused_variables)]
                fn bind(
                    &self,
                    __arguments: Arguments,
                ) -> ::core::result::Result<::std::boxed::Box<dyn Call>, ::duckpen::Error> {
                    #bind
                }
            }
        };
    })
}

/// Whether each parameter is marked as given by name. The marks are taken off: the compiler does not know them.
fn take_named(function: &mut ItemFn) -> Vec<bool> {
    let is_mark = |attribute: &Attribute| attribute.path().is_ident("named");
    let take = |input: &mut FnArg| {
        let FnArg::Typed(input) = input else { return false };
        let before = input.attrs.len();
        input.attrs.retain(|attribute| !is_mark(attribute));
        input.attrs.len() < before
    };
    function.sig.inputs.iter_mut().map(take).collect()
}

fn returns_result(function: &ItemFn) -> bool {
    let ReturnType::Type(_, ty) = &function.sig.output else { return false };
    matches!(&**ty, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "Result"))
}

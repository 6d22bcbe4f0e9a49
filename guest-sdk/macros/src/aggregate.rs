//! The expansion of `#[duckpen::aggregate]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;
use syn::{ImplItem, ImplItemFn, ItemImpl, LitStr, ReturnType, Type, meta};

use crate::signature::{self, Parameter};

/// Whether a method takes its state, or looks at it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Receiver {
    Value,
    Reference,
}

pub fn expand(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let name = parse_options(options)?;
    let item: ItemImpl = syn::parse2(item)?;
    let state = &item.self_ty;
    let name = match name {
        Some(name) => name,
        None => snake_case(&type_name(state)?),
    };
    let (step, merge, finish) = (method(&item, "step")?, method(&item, "merge")?, method(&item, "finish")?);
    check_receiver(step)?;
    check_receiver(merge)?;

    let parameters = signature::parameters_behind_self(&step.sig)?;
    let called_on_null = parameters.iter().any(|parameter| signature::is_option(&parameter.ty));
    let nulls = if called_on_null { quote!(Nulls::Called) } else { quote!(Nulls::Propagate) };
    let doc = signature::doc(&item.attrs);
    let names: Vec<_> = parameters.iter().map(|parameter| &parameter.name).collect();
    let types: Vec<_> = parameters.iter().map(|parameter| &parameter.ty).collect();
    let returns = returns(finish)?;
    let finished = match receiver(finish)? {
        Receiver::Value => quote!(Self::finish(__state)),
        Receiver::Reference => quote!(Self::finish(&__state)),
    };
    let steps = steps(&parameters);

    Ok(quote! {
        #item

        const _: () = {
            use ::duckpen::functions::aggregate::{Aggregate, Taken};
            use ::duckpen::functions::block::{BLOCK_ROWS, Mask, blocks, rows_mask};
            use ::duckpen::functions::contract::Argument;
            use ::duckpen::functions::declaration::Nulls;
            use ::duckpen::functions::parameter::{Block, Parameter};
            use ::duckpen::functions::results::{Put as _, Return, SinkBlock as _};

            // What the compiler says where the word before the type in `functions!` was forgotten.
            impl #state {
                #[doc(hidden)]
                pub const FUNCTION: ::duckpen::functions::aggregate::TheWordAggregateOrResidentIsMissing =
                    ::duckpen::functions::aggregate::TheWordAggregateOrResidentIsMissing;
            }

            impl Aggregate for #state {
                const NAME: &'static str = #name;
                const NULLS: Nulls = #nulls;
                const DOC: ::core::option::Option<&'static str> = #doc;
                type Results = <#returns as Return>::Type;

                fn parameters() -> ::std::vec::Vec<(&'static str, ::std::borrow::Cow<'static, str>)> {
                    ::std::vec![#((#names, <#types as Parameter>::logical_type())),*]
                }

                fn steps(
                    __states: &mut [Self],
                    __of_row: &[u32],
                    __arguments: &[Argument],
                    __rows: usize,
                ) -> ::core::result::Result<(), ::duckpen::Error> {
                    #steps
                }

                fn merged(&mut self, other: Self) -> ::core::result::Result<(), ::duckpen::Error> {
                    Taken::resolve(Self::merge(self, other))
                }

                fn results(
                    mut __states: impl ::core::iter::ExactSizeIterator<Item = Self>,
                    __results: &mut ::duckpen::Results<Self::Results>,
                ) -> ::core::result::Result<(), ::duckpen::Error> {
                    for __index in 0..blocks(__states.len()) {
                        let mut __out = __results.block(__index);
                        let mut __valid: Mask = 0;
                        for __row in 0..BLOCK_ROWS {
                            let ::core::option::Option::Some(__state) = __states.next() else {
                                __out.skip(__row);
                                continue;
                            };
                            match Return::resolve(#finished)? {
                                ::core::option::Option::Some(__value) => {
                                    __out.put(__row, __value);
                                    __valid |= 1 << __row;
                                }
                                ::core::option::Option::None => __out.skip(__row),
                            }
                        }
                        __out.finish();
                        __results.set_valid(__index, __valid);
                    }
                    ::core::result::Result::Ok(())
                }
            }
        };
    })
}

/// The body that takes rows in. A batch of one group is a loop of its own, in which the state may stay in registers.
fn steps(parameters: &[Parameter]) -> TokenStream {
    let count = parameters.len();
    let types: Vec<_> = parameters.iter().map(|parameter| &parameter.ty).collect();
    let each = |prefix| (0..count).map(|index| Parameter::variable(prefix, index)).collect::<Vec<_>>();
    let (arguments, columns, blocks) = (each("argument"), each("column"), each("block"));
    let step = |state: TokenStream| {
        quote! {
            Taken::resolve(Self::step(#state #(, Block::value(&#blocks, __row))*)).map_err(|__error| __error.at_row(__at + __row))?;
        }
    };
    let whole = |state: TokenStream| {
        let step = step(state);
        quote! {
            if __mask == Mask::MAX {
                for __row in 0..BLOCK_ROWS {
                    #step
                }
            } else {
                for __row in 0..BLOCK_ROWS {
                    if __mask >> __row & 1 == 1 {
                        #step
                    }
                }
            }
        }
    };
    let (one, many) = (whole(quote!(__state)), whole(quote!(&mut __states[__of_row[__at + __row] as usize])));
    quote! {
        let [#(#arguments),*] = ::duckpen::functions::library::exactly::<#count>(__arguments)?;
        #(let #columns = ::duckpen::Column::<#types>::bind(#arguments, __rows)?;)*
        for __index in 0..blocks(__rows) {
            let __mask: Mask = rows_mask(__rows, __index) #(& #columns.mask(__index))*;
            #(let #blocks = #columns.block(__index);)*
            let __at = __index * BLOCK_ROWS;
            if let [__state] = &mut *__states {
                #one
            } else {
                #many
            }
        }
        ::core::result::Result::Ok(())
    }
}

fn parse_options(tokens: TokenStream) -> syn::Result<Option<String>> {
    let mut name = None;
    let parser = meta::parser(|option| {
        if option.path.is_ident("name") {
            name = Some(option.value()?.parse::<LitStr>()?.value());
            Ok(())
        } else {
            Err(option.error("expected `name`"))
        }
    });
    parser.parse2(tokens)?;
    Ok(name)
}

fn type_name(ty: &Type) -> syn::Result<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
    .ok_or_else(|| syn::Error::new_spanned(ty, "an aggregate is a type of this crate"))
}

/// `GeoMean` becomes `geo_mean`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn method<'i>(item: &'i ItemImpl, name: &str) -> syn::Result<&'i ImplItemFn> {
    let found = item.items.iter().find_map(|item| match item {
        ImplItem::Fn(function) if function.sig.ident == name => Some(function),
        _ => None,
    });
    found.ok_or_else(|| {
        let message = "an aggregate has the methods `step`, `merge` and `finish`";
        syn::Error::new_spanned(&item.self_ty, message)
    })
}

fn check_receiver(method: &ImplItemFn) -> syn::Result<()> {
    match method.sig.receiver() {
        Some(receiver) if receiver.reference.is_some() && receiver.mutability.is_some() => Ok(()),
        _ => Err(syn::Error::new_spanned(&method.sig, "it has to take `&mut self`")),
    }
}

fn receiver(method: &ImplItemFn) -> syn::Result<Receiver> {
    match method.sig.receiver() {
        Some(receiver) if receiver.reference.is_some() && receiver.mutability.is_none() => Ok(Receiver::Reference),
        Some(receiver) if receiver.reference.is_none() => Ok(Receiver::Value),
        _ => Err(syn::Error::new_spanned(&method.sig, "it has to take `self` or `&self`")),
    }
}

fn returns(finish: &ImplItemFn) -> syn::Result<Type> {
    match &finish.sig.output {
        ReturnType::Default => Err(syn::Error::new_spanned(&finish.sig, "it has to return a value")),
        ReturnType::Type(..) => Ok(signature::returns(&finish.sig)),
    }
}

//! Functions that are called row by row.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Index, ItemFn, Type};

use crate::function::Evaluation;
use crate::signature::{self, Parameter, Preparation};

pub fn evaluation(function: &ItemFn) -> syn::Result<Evaluation> {
    let mut parameters = signature::parameters(function)?;
    let varargs = varargs(&mut parameters)?;
    let returns = signature::returns(&function.sig);
    let called_on_null = parameters.iter().map(|parameter| &parameter.ty).chain(&varargs).any(signature::is_option);

    let ident = &function.sig.ident;
    let count = parameters.len();
    let types: Vec<_> = parameters.iter().map(|parameter| &parameter.ty).collect();
    let each = |prefix| (0..count).map(|index| Parameter::variable(prefix, index)).collect::<Vec<_>>();
    let (arguments, columns, blocks) = (each("argument"), each("column"), each("block"));

    let results = quote!(<#returns as ::duckpen::functions::results::Return>::Type);
    let Prepared { state, functions, extents, statements, parameters: state_parameters, arguments: state_arguments } =
        prepared(&parameters);
    let mut values: Vec<_> = blocks.iter().map(|block| quote!(Block::value(&#block, __row))).collect();
    for (index, _) in parameters.iter().enumerate().filter(|(_, parameter)| parameter.preparation.is_some()) {
        let made = Parameter::variable("made", index);
        values[index] = quote!(#made);
    }
    if varargs.is_some() {
        values.push(quote!(::duckpen::Rest(&__further_values)));
    }
    let call = quote!(Return::resolve(#ident(#(#values),*)));
    let call = if statements.is_empty() { call } else { quote!('__call: { #statements #call }) };

    let (exactly, further, further_masks, further_values) = match &varargs {
        None => (
            quote!(let [#(#arguments),*] = ::duckpen::functions::library::exactly::<#count>(__arguments)?;),
            quote!(),
            quote!(),
            quote!(),
        ),
        Some(ty) => (
            quote!(let ([#(#arguments),*], __further) = ::duckpen::functions::library::at_least::<#count>(__arguments)?;),
            quote! {
                let __further = __further
                    .iter()
                    .map(|__argument| ::duckpen::Column::<#ty>::bind(__argument, __rows))
                    .collect::<::core::result::Result<::std::vec::Vec<_>, _>>()?;
                let mut __further_values = ::std::vec::Vec::with_capacity(__further.len());
            },
            quote!(&__further.iter().fold(Mask::MAX, |__mask, __column| __mask & __column.mask(__index))),
            quote! {
                __further_values.clear();
                __further_values.extend(__further.iter().map(|__column| __column.value(__at(__row))));
            },
        ),
    };

    // A whole block of which every row is called is a function of its own: as its arguments, the blocks are known not to
    // overlap, so that the compiler can work on several rows at once. The other loop is for blocks with rows that are left
    // out, for the last rows, and for any number of arguments.
    let whole_block = quote! {
        #[inline(never)]
        fn __whole_block<'__v, '__c: '__v>(
            #(#blocks: <<#types as Parameter>::View<'__c> as View>::Block<'__v>,)*
            mut __out: <<#results as ResultType>::Sink as Sink>::Block<'__v>,
            #state_parameters
        ) -> ::core::result::Result<Mask, (usize, ::duckpen::Error)> {
            let mut __valid = Mask::MAX;
            for __row in 0..BLOCK_ROWS {
                match #call {
                    Ok(Some(__value)) => __out.put(__row, __value),
                    Ok(None) => {
                        __out.skip(__row);
                        __valid &= !(1 << __row);
                    }
                    Err(__error) => return Err((__row, __error)),
                }
            }
            __out.finish();
            Ok(__valid)
        }
    };
    let try_whole_block = quote! {
        if __mask == Mask::MAX {
            let __valid = __whole_block(#(#blocks,)* __out, #state_arguments)
                .map_err(|(__row, __error)| __error.at_row(__at(__row)))?;
            self.results.set_valid(__index, __valid);
            continue;
        }
    };
    let (whole_block, try_whole_block) =
        if varargs.is_some() { (quote!(), quote!()) } else { (whole_block, try_whole_block) };

    let body = quote! {
        use ::duckpen::functions::block::{BLOCK_ROWS, Mask, blocks, rows_mask};
        use ::duckpen::functions::parameter::{Block, Parameter, View};
        use ::duckpen::functions::results::{Put as _, ResultType, Return, Sink, SinkBlock as _};

        #functions
        #whole_block

        #exactly
        #(let #columns = ::duckpen::Column::<#types>::bind(#arguments, __rows)?;)*
        #further
        #extents
        let __state = &mut self.state;
        self.results.begin(__rows);
        for __index in 0..blocks(__rows) {
            let __mask: Mask = rows_mask(__rows, __index) #(& #columns.mask(__index))* #further_masks;
            #(let #blocks = #columns.block(__index);)*
            let mut __out = self.results.block(__index);
            let __at = |__row: usize| __index * BLOCK_ROWS + __row;
            #try_whole_block
            let mut __valid: Mask = 0;
            for __row in 0..BLOCK_ROWS {
                if __mask >> __row & 1 == 0 {
                    __out.skip(__row);
                    continue;
                }
                #further_values
                match #call.map_err(|__error| __error.at_row(__at(__row)))? {
                    Some(__value) => {
                        __out.put(__row, __value);
                        __valid |= 1 << __row;
                    }
                    None => __out.skip(__row),
                }
            }
            __out.finish();
            self.results.set_valid(__index, __valid);
        }
        Ok(self.results.finish())
    };

    let parameters = parameters.into_iter().map(|parameter| (parameter.name, parameter.ty)).collect();
    Ok(Evaluation { parameters, varargs, state, results, called_on_null, body })
}

/// Takes the last parameter away if it is `Rest<T>`: `T`.
fn varargs(parameters: &mut Vec<Parameter>) -> syn::Result<Option<Type>> {
    let rest = |parameter: &Parameter| signature::argument_of(&parameter.ty, "Rest").cloned();
    let found = parameters.last().and_then(rest);
    if found.is_some() {
        parameters.pop();
    }
    match parameters.iter().find(|parameter| rest(parameter).is_some()) {
        Some(misplaced) => Err(syn::Error::new_spanned(&misplaced.ty, "`Rest` has to be the last parameter")),
        None => Ok(found),
    }
}

/// The code of all parameters that are prepared.
struct Prepared {
    /// The type of what is kept from batch to batch.
    state: TokenStream,
    /// A function for each, by which a value is prepared.
    functions: TokenStream,
    /// Of each argument for how many rows it speaks.
    extents: TokenStream,
    /// What makes the function's arguments of the values of a row, or leaves `'__call` with an error.
    statements: TokenStream,
    /// What has to be passed to another function that has these statements, and what it takes.
    parameters: TokenStream,
    arguments: TokenStream,
}

fn prepared(parameters: &[Parameter]) -> Prepared {
    let mut each = Prepared {
        state: quote!(),
        functions: quote!(),
        extents: quote!(),
        statements: quote!(),
        parameters: quote!(),
        arguments: quote!(),
    };
    let preparations = parameters.iter().enumerate();
    let preparations =
        preparations.filter_map(|(index, parameter)| Some((index, parameter, parameter.preparation.as_ref()?)));
    for (place, (index, parameter, Preparation { closure, from, made: ty })) in preparations.enumerate() {
        let variable = |prefix| Parameter::variable(prefix, index);
        let (block, column, made) = (variable("block"), variable("column"), variable("made"));
        let (prepare, extent, place) = (variable("prepare"), variable("extent"), Index::from(place));
        let key = &parameter.ty;
        each.state.extend(quote! {
            ::duckpen::functions::prepared::Prepared<<#key as ::duckpen::functions::prepared::Keep>::Kept, #ty>,
        });
        each.functions.extend(quote! {
            fn #prepare(__value: #from) -> ::core::result::Result<#ty, ::duckpen::Error> {
                (#closure)(__value).map_err(::core::convert::Into::into)
            }
        });
        each.statements.extend(quote! {
            let #made = match __state.#place.of(Block::value(&#block, __row), #extent, #prepare) {
                Ok(__made) => __made,
                Err(__error) => break '__call Err(__error),
            };
        });
        each.parameters.extend(quote!(#extent: ::duckpen::functions::parameter::Extent,));
        each.arguments.extend(quote!(#extent,));
        each.extents.extend(quote!(let #extent = #column.extent();));
    }
    let Prepared { state, statements, parameters, arguments, .. } = &mut each;
    *state = quote!((#state));
    if !statements.is_empty() {
        *parameters = quote!(#parameters __state: &mut #state,);
        *arguments = quote!(#arguments __state);
    }
    each
}

//! Functions that are called row by row.

use quote::quote;
use syn::ItemFn;

use crate::function::Evaluation;
use crate::signature::{self, Parameter};

pub fn evaluation(function: &ItemFn) -> syn::Result<Evaluation> {
    let parameters = signature::parameters(function)?;
    let returns = signature::returns(&function.sig);
    let called_on_null = parameters.iter().any(|parameter| signature::is_option(&parameter.ty));

    let ident = &function.sig.ident;
    let count = parameters.len();
    let types: Vec<_> = parameters.iter().map(|parameter| &parameter.ty).collect();
    let each = |prefix| (0..count).map(|index| Parameter::variable(prefix, index)).collect::<Vec<_>>();
    let (arguments, columns, blocks) = (each("argument"), each("column"), each("block"));

    let results = quote!(<#returns as ::duckpen::functions::results::Return>::Type);
    let call = quote!(Return::resolve(#ident(#(Block::value(&#blocks, __row)),*)));

    // A whole block without NULLs is a function of its own: as its arguments, the blocks are known not to overlap, so that
    // the compiler can work on several rows at once. The other loop is for blocks with NULLs and for the last rows.
    let body = quote! {
        use ::duckpen::functions::block::{BLOCK_ROWS, Mask, blocks, rows_mask};
        use ::duckpen::functions::parameter::{Block, Parameter, View};
        use ::duckpen::functions::results::{Put as _, ResultType, Return, Sink, SinkBlock as _};

        #[inline(never)]
        fn __whole_block<'__v, '__c: '__v>(
            #(#blocks: <<#types as Parameter>::View<'__c> as View>::Block<'__v>,)*
            mut __out: <<#results as ResultType>::Sink as Sink>::Block<'__v>,
        ) -> ::core::result::Result<(), (usize, ::duckpen::Error)> {
            for __row in 0..BLOCK_ROWS {
                match #call {
                    Ok(Some(__value)) => __out.put(__row, __value),
                    Ok(None) => __out.skip(__row),
                    Err(__error) => return Err((__row, __error)),
                }
            }
            __out.finish();
            Ok(())
        }

        let [#(#arguments),*] = ::duckpen::functions::library::exactly::<#count>(__arguments)?;
        #(let #columns = ::duckpen::Column::<#types>::bind(#arguments, __rows)?;)*
        self.results.begin(__rows);
        for __index in 0..blocks(__rows) {
            let __mask: Mask = rows_mask(__rows, __index) #(& #columns.mask(__index))*;
            #(let #blocks = #columns.block(__index);)*
            let mut __out = self.results.block(__index);
            let __at = |__row: usize| __index * BLOCK_ROWS + __row;
            if __mask == Mask::MAX && !<#returns as Return>::NULLABLE {
                __whole_block(#(#blocks,)* __out).map_err(|(__row, __error)| __error.at_row(__at(__row)))?;
                continue;
            }
            let mut __valid: Mask = 0;
            for __row in 0..BLOCK_ROWS {
                if __mask >> __row & 1 == 0 {
                    __out.skip(__row);
                    continue;
                }
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
    Ok(Evaluation { parameters, results, called_on_null, body })
}

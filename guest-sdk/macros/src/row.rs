//! The expansion of `#[derive(duckpen::Row)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

use crate::signature;

pub fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let Data::Struct(syn::DataStruct { fields: Fields::Named(fields), .. }) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "a row has to be a struct with named fields"));
    };
    if input.generics.type_params().next().is_some() || input.generics.const_params().next().is_some() {
        return Err(syn::Error::new_spanned(&input.generics, "a row has to name its types"));
    }
    let idents: Vec<_> = fields.named.iter().flat_map(|field| &field.ident).collect();
    let names = idents.iter().map(|ident| signature::plain(ident));
    let types: Vec<_> = fields.named.iter().map(|field| signature::with_static_lifetimes(field.ty.clone())).collect();
    let (row, lifetimes) = (&input.ident, &input.generics);
    let (generics, arguments, _) = lifetimes.split_for_impl();

    Ok(quote! {
        const _: () = {
            use ::duckpen::functions::results::{ResultType, Return};
            use ::duckpen::functions::table::row::{Field, FieldBlock, FieldBuffer};

            #[derive(::core::default::Default)]
            pub struct __Buffers {
                #(#idents: Field<<#types as Return>::Type>,)*
            }

            pub struct __Blocks<'__b> {
                #(#idents: FieldBlock<'__b, <#types as Return>::Type>,)*
            }

            impl #generics ::duckpen::Row for #row #arguments {
                type Buffers = __Buffers;
                type Blocks<'__b> = __Blocks<'__b>;

                fn fields() -> ::std::vec::Vec<
                    (::core::option::Option<&'static str>, ::std::borrow::Cow<'static, str>),
                > {
                    ::std::vec![
                        #((::core::option::Option::Some(#names), <<#types as Return>::Type as ResultType>::logical_type())),*
                    ]
                }

                fn buffers(buffers: &mut __Buffers) -> ::std::vec::Vec<&mut dyn FieldBuffer> {
                    ::std::vec![#(&mut buffers.#idents),*]
                }

                #[inline(always)]
                fn blocks(buffers: &mut __Buffers, index: usize) -> __Blocks<'_> {
                    __Blocks { #(#idents: buffers.#idents.block(index),)* }
                }

                #[inline(always)]
                fn put(self, blocks: &mut __Blocks<'_>, row: usize) -> ::core::result::Result<(), ::duckpen::Error> {
                    #(blocks.#idents.put(row, self.#idents)?;)*
                    ::core::result::Result::Ok(())
                }

                #[inline(always)]
                fn finish(blocks: __Blocks<'_>) {
                    #(blocks.#idents.finish();)*
                }
            }
        };
    })
}

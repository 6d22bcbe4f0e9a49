//! The expansion of `#[derive(duckpen::State)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Index, Member};

pub fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let item: DeriveInput = syn::parse2(item)?;
    let Data::Struct(data) = &item.data else {
        return Err(syn::Error::new_spanned(&item, "a state is a struct"));
    };
    let ident = &item.ident;
    let (implemented, generics, bounds) = item.generics.split_for_impl();
    let types: Vec<_> = data.fields.iter().map(|field| &field.ty).collect();
    let members: Vec<Member> = match &data.fields {
        Fields::Named(fields) => {
            fields.named.iter().filter_map(|field| field.ident.clone()).map(Member::from).collect()
        }
        fields => (0..fields.len()).map(|index| Member::from(Index::from(index))).collect(),
    };
    Ok(quote! {
        impl #implemented ::duckpen::State for #ident #generics #bounds {
            const SIZE: ::core::option::Option<usize> = {
                let __size = ::core::option::Option::Some(0);
                #(let __size = ::duckpen::functions::aggregate::state::both(__size, <#types as ::duckpen::State>::SIZE);)*
                __size
            };

            #[inline(always)]
            fn encode(&self, __bytes: &mut ::std::vec::Vec<u8>) {
                #(::duckpen::State::encode(&self.#members, __bytes);)*
            }

            #[inline(always)]
            fn decode(__bytes: &mut &[u8]) -> ::core::option::Option<Self> {
                ::core::option::Option::Some(Self { #(#members: ::duckpen::State::decode(__bytes)?),* })
            }
        }
    })
}

//! `#[derive(duckpen::Enum)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

use crate::options::name_in_sql;

pub fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let item: DeriveInput = syn::parse2(item)?;
    let Data::Enum(data) = &item.data else {
        return Err(syn::Error::new_spanned(&item.ident, "an ENUM is an `enum`"));
    };
    if !item.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(&item.generics, "an ENUM has no parameters"));
    }
    let mut names = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(syn::Error::new_spanned(variant, "a variant of an ENUM is a name alone"));
        }
        names.push(name_in_sql(&variant.attrs, &variant.ident)?);
    }
    let Some(last) = data.variants.last().map(|variant| &variant.ident) else {
        return Err(syn::Error::new_spanned(&item.ident, "an ENUM has at least one name"));
    };
    let quoted: Vec<String> = names.iter().map(|name| format!("'{}'", name.replace('\'', "''"))).collect();
    let logical_type = format!("ENUM({})", quoted.join(", "));
    let ident = &item.ident;
    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let numbers: Vec<u32> = (0..).take(variants.len()).collect();
    let stored = match variants.len() {
        0..=255 => quote!(u8),
        256..=65_535 => quote!(u16),
        _ => quote!(u32),
    };
    Ok(quote! {
        impl ::duckpen::functions::fixed::Fixed for #ident {
            type Stored = #stored;
            const LOGICAL_TYPE: &'static str = #logical_type;

            fn load(__stored: #stored) -> Self {
                match u32::from(__stored) {
                    #(#numbers => Self::#variants,)*
                    // The host passes numbers of names only.
                    _ => Self::#last,
                }
            }

            fn store(self) -> #stored {
                match self {
                    #(Self::#variants => #numbers as #stored,)*
                }
            }
        }

        impl ::duckpen::functions::parameter::ListItem for #ident {}
    })
}

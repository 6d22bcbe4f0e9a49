//! How `functions!` learns of which kind a function is: by a macro beside it, under a name made of the function's.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Ident, Path, Token};

/// Leaves the macro beside a function. `kind` is one of the macros of the SDK's `kinds`.
pub fn mark(function: &Ident, kind: &str) -> TokenStream {
    let (beside, kind) = (name(function), format_ident!("{kind}"));
    quote! {
        #[doc(hidden)]
        #[allow(unused_imports)]
        pub(crate) use ::duckpen::#kind as #beside;
    }
}

/// The call of the first function's macro, with the others behind it.
pub fn sort(input: TokenStream) -> syn::Result<TokenStream> {
    let functions = Punctuated::<Path, Token![,]>::parse_terminated.parse2(input.clone())?;
    let Some(first) = functions.first().map(beside).transpose()? else {
        return Err(syn::Error::new_spanned(input, "a component needs at least one function"));
    };
    let beside = functions.iter().skip(1).map(beside).collect::<syn::Result<Vec<_>>>()?;
    let next = beside.iter().map(|path| quote!(#path)).chain([quote!(::duckpen::__export_kinds)]);
    let functions = functions.iter();
    Ok(quote! { #first! { { [] [] } #((#functions) { #next })* } })
}

fn beside(function: &Path) -> syn::Result<Path> {
    let mut path = function.clone();
    match path.segments.last_mut() {
        Some(last) => last.ident = name(&last.ident),
        None => return Err(syn::Error::new_spanned(function, "a function's path is expected")),
    }
    Ok(path)
}

fn name(function: &Ident) -> Ident {
    format_ident!("__kind_{}", function.unraw(), span = function.span())
}

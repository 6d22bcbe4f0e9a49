//! The expansion of `duckpen::functions!`: what it names, sorted by kind.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, Token, Type};

/// The kinds, each with the word that stands before its members.
const KINDS: [&str; 3] = ["aggregate", "resident", "table"];

/// A function's path or an aggregate's type, behind the word of its kind where it is no scalar function.
struct Member {
    kind: Option<usize>,
    named: Type,
}

impl Parse for Member {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        let word = ahead.parse::<Ident>().ok();
        // A word stands in front of a name: a function may be called `table`.
        let is_name = ahead.is_empty() || ahead.peek(Token![,]) || ahead.peek(Token![::]) || ahead.peek(Token![<]);
        let Some(word) = word.filter(|_| !is_name) else {
            return Ok(Self { kind: None, named: input.parse()? });
        };
        let kind = KINDS.iter().position(|kind| word == kind).ok_or_else(|| {
            let message = format!("expected a comma behind a name, or one of `{}` before it", KINDS.join("`, `"));
            syn::Error::new(word.span(), message)
        })?;
        input.parse::<Ident>()?;
        Ok(Self { kind: Some(kind), named: input.parse()? })
    }
}

pub fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let parser = Punctuated::<Member, Token![,]>::parse_terminated;
    let members = syn::parse::Parser::parse2(parser, input)?;
    if members.is_empty() {
        let message = "a component needs at least one function";
        return Err(syn::Error::new(proc_macro2::Span::call_site(), message));
    }
    let of_kind =
        |kind: Option<usize>| members.iter().filter(move |member| member.kind == kind).map(|member| &member.named);
    let scalars = of_kind(None);
    let [aggregates, residents, tables] = [0, 1, 2].map(|kind| of_kind(Some(kind)));
    Ok(quote! {
        ::duckpen::__export_functions!(@scalar [#(#scalars),*]);
        ::duckpen::__export_functions!(@aggregate [#(#aggregates),*]);
        ::duckpen::__export_functions!(@resident [#(#residents),*]);
        ::duckpen::__export_functions!(@table [#(#tables),*]);
    })
}

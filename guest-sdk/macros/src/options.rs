//! What stands between the parentheses of `#[duckpen::function(...)]`.

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::{Attribute, Ident, LitStr, meta};

/// How the function is called.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    #[default]
    Rows,
    Columns,
}

#[derive(Default)]
pub struct Options {
    pub name: Option<String>,
    pub volatile: bool,
    pub style: Style,
    pub called_on_null: bool,
}

impl Options {
    pub fn parse(tokens: TokenStream) -> syn::Result<Self> {
        let mut options = Self::default();
        let parser = meta::parser(|option| {
            if option.path.is_ident("name") {
                options.name = Some(option.value()?.parse::<LitStr>()?.value());
            } else if option.path.is_ident("volatile") {
                options.volatile = true;
            } else if option.path.is_ident("columns") {
                options.style = Style::Columns;
            } else if option.path.is_ident("called_on_null") {
                options.called_on_null = true;
            } else {
                return Err(option.error("expected `name`, `volatile`, `columns` or `called_on_null`"));
            }
            Ok(())
        });
        parser.parse2(tokens.clone())?;
        if options.called_on_null && options.style == Style::Rows {
            let message = "`called_on_null` goes with `columns`; row by row, make the parameter an `Option`";
            return Err(syn::Error::new_spanned(tokens, message));
        }
        Ok(options)
    }
}

/// The name of a field or a variant: that of `#[duckpen(name = "...")]`, or its own.
pub fn name_in_sql(attributes: &[Attribute], ident: &Ident) -> syn::Result<String> {
    let mut name = ident.to_string().trim_start_matches("r#").to_owned();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("duckpen")) {
        attribute.parse_nested_meta(|option| {
            if option.path.is_ident("name") {
                name = option.value()?.parse::<LitStr>()?.value();
                Ok(())
            } else {
                Err(option.error("expected `name`"))
            }
        })?;
    }
    Ok(name)
}

//! What a function's signature says.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::visit_mut::VisitMut;
use syn::{
    Attribute, Expr, ExprClosure, ExprLit, FnArg, Ident, ItemFn, Lifetime, Lit, Meta, Pat, PathArguments, ReturnType,
    Signature, Type,
};

/// One parameter.
pub struct Parameter {
    /// Its name in SQL.
    pub name: String,
    /// Its type, `'static` in place of every lifetime: types are looked up by it, values never have it.
    pub ty: Type,
    /// What the function is given instead of the value, if it is made of it.
    pub preparation: Option<Preparation>,
}

/// `#[prepare(|pattern: &str| ...)]` at a parameter.
pub struct Preparation {
    /// The closure.
    pub closure: ExprClosure,
    /// The type of what it takes, as it is written.
    pub from: Type,
    /// The type of what it makes.
    pub made: Type,
}

impl Parameter {
    /// A local variable for this parameter.
    pub fn variable(prefix: &str, index: usize) -> Ident {
        format_ident!("__{prefix}{index}", span = Span::mixed_site())
    }
}

/// Name and type of every parameter.
pub fn parameters(function: &ItemFn) -> syn::Result<Vec<Parameter>> {
    check(&function.sig)?;
    function.sig.inputs.iter().map(parameter).collect()
}

/// Name and type of every parameter of a method but the first.
pub fn parameters_behind_self(signature: &Signature) -> syn::Result<Vec<Parameter>> {
    check(signature)?;
    signature.inputs.iter().skip(1).map(parameter).collect()
}

fn check(signature: &Signature) -> syn::Result<()> {
    if let Some(token) = &signature.asyncness {
        return Err(syn::Error::new_spanned(token, "a function for SQL cannot be async"));
    }
    if signature.generics.type_params().next().is_some() || signature.generics.const_params().next().is_some() {
        let message = "a function for SQL has to name its types";
        return Err(syn::Error::new_spanned(&signature.generics, message));
    }
    Ok(())
}

/// The function without attributes that only we understand.
pub fn without_preparations(mut function: ItemFn) -> ItemFn {
    for input in &mut function.sig.inputs {
        if let FnArg::Typed(input) = input {
            input.attrs.retain(|attribute| !attribute.path().is_ident("prepare"));
        }
    }
    function
}

fn parameter(input: &FnArg) -> syn::Result<Parameter> {
    let FnArg::Typed(input) = input else {
        return Err(syn::Error::new_spanned(input, "a function for SQL cannot be a method"));
    };
    let Pat::Ident(pattern) = &*input.pat else {
        return Err(syn::Error::new_spanned(&input.pat, "a parameter of a function for SQL has to have a name"));
    };
    let name = plain(&pattern.ident);
    let Some(attribute) = input.attrs.iter().find(|attribute| attribute.path().is_ident("prepare")) else {
        return Ok(Parameter { name, ty: with_static_lifetimes((*input.ty).clone()), preparation: None });
    };
    let closure: ExprClosure = attribute.parse_args()?;
    let (Some(Pat::Type(taken)), 1) = (closure.inputs.first(), closure.inputs.len()) else {
        let message =
            "`prepare` is a closure of one value, whose type is the parameter's in SQL: `|pattern: &str| ...`";
        return Err(syn::Error::new_spanned(&closure, message));
    };
    let Type::Reference(made) = &*input.ty else {
        return Err(syn::Error::new_spanned(&input.ty, "what is prepared is lent to the function: `&T`"));
    };
    let from = (*taken.ty).clone();
    let preparation = Preparation { from: from.clone(), made: (*made.elem).clone(), closure };
    Ok(Parameter { name, ty: with_static_lifetimes(from), preparation: Some(preparation) })
}

/// The result's type, `()` where there is none.
pub fn returns(signature: &Signature) -> Type {
    match &signature.output {
        ReturnType::Default => syn::parse_quote!(()),
        ReturnType::Type(_, ty) => with_static_lifetimes((**ty).clone()),
    }
}

/// A name as SQL knows it.
pub fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Whether a type is spelled `Option<...>`.
pub fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "Option"))
}

/// `T` of a type that is spelled `name<T>` or `name<'_, T>`.
pub fn argument_of<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The doc comment, one line a line.
pub fn doc(attributes: &[Attribute]) -> TokenStream {
    let lines: Vec<String> = attributes.iter().filter_map(doc_line).collect();
    match lines.join("\n").trim() {
        "" => quote!(::core::option::Option::None),
        text => quote!(::core::option::Option::Some(#text)),
    }
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else { return None };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &meta.value else { return None };
    meta.path.is_ident("doc").then(|| text.value().trim_end().strip_prefix(' ').map_or(text.value(), str::to_owned))
}

/// `'static` in place of every lifetime.
pub fn with_static_lifetimes(mut ty: Type) -> Type {
    struct Static;

    impl VisitMut for Static {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            *lifetime = Lifetime::new("'static", lifetime.span());
        }

        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            reference.lifetime.get_or_insert_with(|| Lifetime::new("'static", Span::call_site()));
            syn::visit_mut::visit_type_reference_mut(self, reference);
        }
    }

    Static.visit_type_mut(&mut ty);
    ty
}

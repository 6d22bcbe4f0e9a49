//! Functions that take whole columns.

use quote::quote;
use syn::{ItemFn, Type};

use crate::function::Evaluation;
use crate::options::Options;
use crate::signature::{self, Parameter};

pub fn evaluation(function: &ItemFn, options: &Options) -> syn::Result<Evaluation> {
    let mut parameters = signature::parameters(function)?;
    let results = parameters.pop().as_ref().and_then(results_type).ok_or_else(|| {
        syn::Error::new_spanned(&function.sig.inputs, "the last parameter has to be `&mut Results<T>`")
    })?;
    let parameters = parameters.into_iter().map(column_type).collect::<syn::Result<Vec<_>>>()?;

    let ident = &function.sig.ident;
    let count = parameters.len();
    let types = parameters.iter().map(|(_, ty)| ty);
    let arguments: Vec<_> = (0..count).map(|index| Parameter::variable("argument", index)).collect();
    let call = quote! {
        #ident(#(::duckpen::Column::<#types>::bind(#arguments, __rows)?,)* &mut self.results)
    };
    let call = match &function.sig.output {
        syn::ReturnType::Default => quote!(#call;),
        syn::ReturnType::Type(..) => quote!(#call.map_err(::duckpen::Error::from)?;),
    };
    let body = quote! {
        let [#(#arguments),*] = ::duckpen::functions::library::exactly::<#count>(__arguments)?;
        self.results.begin(__rows);
        #call
        self.results.finish_pushed()
    };
    let called_on_null = options.called_on_null;
    Ok(Evaluation { parameters, varargs: None, state: quote!(()), results: quote!(#results), called_on_null, body })
}

fn column_type(parameter: Parameter) -> syn::Result<(String, Type)> {
    if let Some(preparation) = &parameter.preparation {
        let message = "`prepare` is for functions that are called row by row; `Column::constant` has the value";
        return Err(syn::Error::new_spanned(&preparation.closure, message));
    }
    match signature::argument_of(&parameter.ty, "Column") {
        Some(ty) => Ok((parameter.name, ty.clone())),
        None => Err(syn::Error::new_spanned(&parameter.ty, "a parameter has to be a `Column<T>`")),
    }
}

fn results_type(parameter: &Parameter) -> Option<Type> {
    let Type::Reference(reference) = &parameter.ty else { return None };
    reference.mutability?;
    signature::argument_of(&reference.elem, "Results").cloned()
}

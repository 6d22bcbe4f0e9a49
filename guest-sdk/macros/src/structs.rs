//! `#[derive(duckpen::Struct)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, GenericParam};

use crate::options::name_in_sql;
use crate::signature::with_static_lifetimes;

pub fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let item: DeriveInput = syn::parse2(item)?;
    let fields = match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => &fields.named,
            _ => return Err(syn::Error::new_spanned(&item.ident, "a STRUCT has fields with names")),
        },
        _ => return Err(syn::Error::new_spanned(&item.ident, "a STRUCT is a `struct`")),
    };
    let has_lifetime = match item.generics.params.iter().collect::<Vec<_>>()[..] {
        [] => false,
        [GenericParam::Lifetime(_)] => true,
        _ => return Err(syn::Error::new_spanned(&item.generics, "a STRUCT has one lifetime and no other parameters")),
    };
    let (visibility, ident) = (&item.vis, &item.ident);
    let of = |lifetime: TokenStream| if has_lifetime { quote!(#ident<#lifetime>) } else { quote!(#ident) };
    let (of_static, of_value, of_any) = (of(quote!('static)), of(quote!('__v)), of(quote!('_)));

    let mut names = Vec::new();
    let mut idents = Vec::new();
    let mut types = Vec::new();
    for field in fields {
        let Some(field_ident) = &field.ident else { continue };
        names.push(name_in_sql(&field.attrs, field_ident)?);
        idents.push(field_ident);
        types.push(with_static_lifetimes(field.ty.clone()));
    }
    let count = idents.len();
    let slots: Vec<_> = types.iter().map(|ty| quote!(Slots<<<#ty as Element>::Type as ElementType>::Values>)).collect();

    Ok(quote! {
        const _: () = {
            use ::duckpen::functions::contract::{Node, Values};
            use ::duckpen::functions::nested::NestedSink;
            use ::duckpen::functions::parameter::{
                Extent, ListItem, Misfit, Nodes, Parameter, RowBlock, View, stride,
            };
            use ::duckpen::functions::results::{ResultType, Return};
            use ::duckpen::functions::slots::{Collect, Element, ElementType, Slots};
            use ::duckpen::functions::structs::{Fields, struct_of};

            #[doc(hidden)]
            #visibility struct __View<'__c> {
                #(#idents: <#types as Parameter>::View<'__c>,)*
                __stride: usize,
            }

            impl<'__c> View for __View<'__c> {
                type Value<'__v> = #of_value where Self: '__v;
                type Block<'__v> = RowBlock<'__v, Self> where Self: '__v;

                fn block(&self, __index: usize) -> Self::Block<'_> {
                    RowBlock::new(self, __index)
                }

                fn value(&self, __row: usize) -> Self::Value<'_> {
                    let __row = __row * self.__stride;
                    #ident { #(#idents: View::value(&self.#idents, __row),)* }
                }
            }

            impl Parameter for #of_static {
                type View<'__c> = __View<'__c>;

                fn logical_type() -> ::std::borrow::Cow<'static, str> {
                    struct_of(&[#((#names, <#types as Parameter>::logical_type())),*])
                }

                fn view<'__c>(
                    __node: &'__c Node,
                    __below: &mut Nodes<'__c>,
                    __extent: Extent,
                ) -> ::core::result::Result<__View<'__c>, Misfit> {
                    let __fields = Fields::new(__node, #count)?;
                    Ok(__View {
                        #(#idents: __fields.next::<#types>(__below)?,)*
                        __stride: stride(__extent),
                    })
                }
            }

            impl ListItem for #of_any {}

            #[doc(hidden)]
            #[derive(::core::default::Default)]
            #visibility struct __Slots {
                #(#idents: #slots,)*
            }

            impl Collect for __Slots {
                fn skip(&mut self) {
                    #(self.#idents.push_null();)*
                }

                fn truncate(&mut self, __rows: usize) {
                    #(self.#idents.truncate(__rows);)*
                }

                fn lend(&mut self, __below: &mut ::std::vec::Vec<Node>) -> Values {
                    #(self.#idents.lend(__below);)*
                    Values::StructOf(#count as u32)
                }

                fn reclaim(&mut self, _: Values, __below: &mut dyn ::core::iter::Iterator<Item = Node>) {
                    #(self.#idents.reclaim(__below);)*
                }
            }

            impl ResultType for #of_static {
                type Sink = NestedSink<Self>;

                fn logical_type() -> ::std::borrow::Cow<'static, str> {
                    struct_of(&[#((#names, <<#types as Element>::Type as ResultType>::logical_type())),*])
                }
            }

            impl ElementType for #of_static {
                type Values = __Slots;
            }

            impl Element for #of_any {
                type Type = #of_static;

                fn put_into(self, __slots: &mut Slots<__Slots>) {
                    #(Element::put_into(self.#idents, &mut __slots.values.#idents);)*
                    __slots.pushed();
                }
            }

            impl Return for #of_any {
                type Type = #of_static;
                type Value = Self;

                fn resolve(self) -> ::core::result::Result<::core::option::Option<Self>, ::duckpen::Error> {
                    Ok(Some(self))
                }
            }
        };
    })
}

//! The graph of a project: what is made of what, and where each of it stands in a picture.
//!
//! Pure: values in, values out. [`Graph`] holds sources, tables, views, exports and functions, and answers what lies
//! upstream and downstream of each. [`Layout`] places boxes and the lines between them in layers, from left to right as
//! the data flows.

mod graph;
mod layout;

pub use graph::{Edge, EdgeKind, Graph, Node, NodeKind};
pub use layout::{Layout, Line, Point, Rectangle, Size, Spacing};

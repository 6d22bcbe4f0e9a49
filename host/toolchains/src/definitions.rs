//! What functions the modules of a project define, as far as their text tells. The text is parsed and never run, so what a
//! module makes while it is imported is not seen: such a module is said to be unclear.

use std::collections::HashSet;

use tree_sitter::{Node, Parser, Tree, TreeCursor};

/// The decorators of SQLFlow, and whether what they decorate takes a table.
const DECORATORS: [(&str, bool); 2] = [("python_scalar_udf", false), ("python_table_udf", true)];

/// The functions of all modules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definitions {
    /// Names of the modules, with dots.
    pub modules: Vec<String>,
    /// Those of them that may define more than their text tells.
    pub unclear: Vec<String>,
    /// The functions, module by module.
    pub functions: Vec<Definition>,
}

/// A function as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its name, which begins with that of its module.
    pub name: String,
    /// Whether it takes a table.
    pub takes_table: bool,
    /// Its parameters in the order in which SQL gives them, without the table.
    pub parameters: Vec<DefinedParameter>,
    /// Whether any number of further arguments is taken.
    pub takes_more: bool,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinedParameter {
    /// Its name.
    pub name: String,
    /// Whether it may be left out.
    pub has_default: bool,
}

impl Definitions {
    /// Reads the text of a module.
    pub(crate) fn read(&mut self, module: &str, text: &[u8]) {
        self.modules.push(module.to_owned());
        let Some(tree) = parse(text) else {
            self.unclear.push(module.to_owned());
            return;
        };
        let mut reading = Reading { module, text, names: names(&tree, text), is_clear: !tree.root_node().has_error() };
        let mut functions: Vec<Definition> = Vec::new();
        reading.all(&tree, &mut functions);
        if !reading.is_clear {
            self.unclear.push(module.to_owned());
        }
        self.functions.extend(functions);
    }
}

fn parse(text: &[u8]) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
    parser.parse(text, None)
}

/// The names that the decorators have in a module, which may import them under others.
fn names(tree: &Tree, text: &[u8]) -> Vec<(String, bool)> {
    let mut names: Vec<(String, bool)> =
        DECORATORS.iter().map(|(name, takes_table)| ((*name).to_owned(), *takes_table)).collect();
    walk(tree, |node, _| {
        if node.kind() == "aliased_import" {
            let part = |field: &str| node.child_by_field_name(field).map(|part| word(part, text));
            let decorator = DECORATORS.iter().find(|(name, _)| part("name").as_deref() == Some(*name));
            if let (Some((_, takes_table)), Some(alias)) = (decorator, part("alias")) {
                names.push((alias, *takes_table));
            }
        }
        true
    });
    names
}

struct Reading<'a> {
    module: &'a str,
    text: &'a [u8],
    names: Vec<(String, bool)>,
    is_clear: bool,
}

impl Reading<'_> {
    fn all(&mut self, tree: &Tree, functions: &mut Vec<Definition>) {
        // Places where a decorator is named and understood.
        let mut understood = HashSet::new();
        walk(tree, |node, is_inside| {
            match node.kind() {
                "decorated_definition" if !is_inside => {
                    if let Some(found) = self.decorated(node, &mut understood) {
                        // A later definition of a name takes the place of an earlier one.
                        functions.retain(|other| other.name != found.name);
                        functions.push(found);
                    }
                }
                "import_from_statement" | "import_statement" => return false,
                // A decorator that is called as a function, kept, or handed on.
                "identifier" if !understood.contains(&node.id()) => {
                    let named = word(node, self.text);
                    self.is_clear &= !self.names.iter().any(|(name, _)| *name == named);
                }
                _ => {}
            }
            true
        });
    }

    /// The function of a definition with decorators, if it is one of SQL.
    fn decorated(&mut self, node: Node<'_>, understood: &mut HashSet<usize>) -> Option<Definition> {
        let function = node.child_by_field_name("definition").filter(|node| node.kind() == "function_definition")?;
        let mut cursor = node.walk();
        let decorators: Vec<Node<'_>> =
            node.children(&mut cursor).filter(|child| child.kind() == "decorator").collect();
        let found = decorators.iter().find_map(|decorator| self.decorator(*decorator, understood));
        let Some((takes_table, name)) = found else {
            // It may be a decorator of the project's own that makes a function of SQL.
            self.is_clear = false;
            return None;
        };
        let own = function.child_by_field_name("name").map(|name| word(name, self.text))?;
        let mut definition = Definition {
            name: format!("{}.{}", self.module, name.unwrap_or(own)),
            takes_table,
            parameters: Vec::new(),
            takes_more: false,
        };
        self.parameters(function.child_by_field_name("parameters")?, &mut definition);
        Some(definition)
    }

    /// Whether a decorator is one of SQLFlow's: whether of tables, and the name it gives.
    fn decorator(&mut self, decorator: Node<'_>, understood: &mut HashSet<usize>) -> Option<(bool, Option<String>)> {
        let expression = decorator.named_child(0)?;
        let (called, arguments) = match expression.kind() {
            "call" => (expression.child_by_field_name("function")?, expression.child_by_field_name("arguments")),
            _ => (expression, None),
        };
        let last = if called.kind() == "attribute" { called.child_by_field_name("attribute")? } else { called };
        let named = word(last, self.text);
        let (_, takes_table) = self.names.iter().find(|(name, _)| *name == named)?;
        let takes_table = *takes_table;
        understood.insert(last.id());
        let mut name = None;
        if let Some(arguments) = arguments {
            let mut cursor = arguments.walk();
            for argument in arguments.named_children(&mut cursor) {
                let key = argument.child_by_field_name("name").map(|key| word(key, self.text));
                match (argument.kind(), key.as_deref()) {
                    ("keyword_argument", Some("name")) => {
                        name = argument.child_by_field_name("value").and_then(|value| self.literal(value));
                        self.is_clear &= name.is_some();
                    }
                    ("keyword_argument" | "comment", _) => {}
                    // `**options` may hold a name.
                    _ => self.is_clear = false,
                }
            }
        }
        Some((takes_table, name))
    }

    /// The text of a literal; none of one that is put together.
    fn literal(&self, value: Node<'_>) -> Option<String> {
        let text = word(value, self.text);
        let inner = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))?;
        let is_plain = value.kind() == "string" && inner.chars().all(|c| c.is_alphanumeric() || c == '_');
        is_plain.then(|| inner.to_owned())
    }

    fn parameters(&self, parameters: Node<'_>, definition: &mut Definition) {
        let mut named_only = Vec::new();
        let mut is_behind_star = false;
        let mut cursor = parameters.walk();
        for parameter in parameters.named_children(&mut cursor) {
            let first = || parameter.named_child(0).map_or("", |first| first.kind());
            let (named, has_default) = match parameter.kind() {
                "identifier" => (Some(parameter), false),
                "default_parameter" | "typed_default_parameter" => (parameter.child_by_field_name("name"), true),
                "typed_parameter" if first() == "identifier" => (parameter.named_child(0), false),
                "keyword_separator" => {
                    is_behind_star = true;
                    continue;
                }
                "list_splat_pattern" => {
                    (definition.takes_more, is_behind_star) = (true, true);
                    continue;
                }
                "typed_parameter" if first() == "list_splat_pattern" => {
                    (definition.takes_more, is_behind_star) = (true, true);
                    continue;
                }
                _ => continue,
            };
            let Some(named) = named else { continue };
            let found = DefinedParameter { name: word(named, self.text), has_default };
            if is_behind_star { named_only.push(found) } else { definition.parameters.push(found) }
        }
        definition.parameters.append(&mut named_only);
        if definition.takes_table && !definition.parameters.is_empty() {
            definition.parameters.remove(0);
        }
    }
}

/// The text of a node.
fn word(node: Node<'_>, text: &[u8]) -> String {
    String::from_utf8_lossy(&text[node.byte_range()]).into_owned()
}

/// Goes through all nodes, those before their children, without recursion. `visit` is told whether a node is inside of a
/// function or class, and says whether its children are to be visited.
fn walk(tree: &Tree, mut visit: impl FnMut(Node<'_>, bool) -> bool) {
    let mut cursor: TreeCursor<'_> = tree.walk();
    let mut inside = 0_usize;
    loop {
        let node = cursor.node();
        if visit(node, inside > 0) && cursor.goto_first_child() {
            inside += usize::from(is_scope(node));
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            inside -= usize::from(is_scope(cursor.node()));
        }
    }
}

fn is_scope(node: Node<'_>) -> bool {
    matches!(node.kind(), "function_definition" | "class_definition" | "lambda")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> (Vec<String>, bool) {
        let mut found = Definitions::default();
        found.read("m", text.as_bytes());
        let function = |function: &Definition| {
            let parameters = function.parameters.iter();
            let mut parameters: Vec<String> = parameters
                .map(|one| if one.has_default { format!("{}=", one.name) } else { one.name.clone() })
                .collect();
            if function.takes_more {
                parameters.push("*".to_owned());
            }
            let kind = if function.takes_table { "table " } else { "" };
            format!("{kind}{}({})", function.name, parameters.join(", "))
        };
        (found.functions.iter().map(function).collect(), found.unclear.is_empty())
    }

    #[test]
    fn functions_are_read_with_their_parameters() {
        for (text, expected) in [
            ("@python_scalar_udf\ndef up(text: str) -> str:\n    return text.upper()\n", "m.up(text)"),
            ("@python_scalar_udf()\ndef f(a, b=1, *, c: int = 2, d): ...\n", "m.f(a, b=, c=, d)"),
            ("@python_scalar_udf(name=\"other\")\ndef f(a, /, b: int): ...\n", "m.other(a, b)"),
            ("@python_scalar_udf\ndef f(a, *rest: int, **more): ...\n", "m.f(a, *)"),
            ("@python_scalar_udf\ndef f(*rest): ...\n", "m.f(*)"),
            ("@python_table_udf(output_schema={'a': 'INTEGER'})\ndef t(df, n: int = 1): ...\n", "table m.t(n=)"),
            (
                "import sqlflow.udfs as s\n@s.python_table_udf(infer=True)\nasync def t(df: pd.DataFrame): ...\n",
                "table m.t()",
            ),
            ("from sqlflow.udfs import python_scalar_udf as udf\n@udf\ndef f(): ...\n", "m.f()"),
            (
                "if x:\n    @python_scalar_udf\n    def f(a): ...\nelse:\n    @python_scalar_udf\n    def f(b): ...\n",
                "m.f(b)",
            ),
            ("@other\n@python_scalar_udf\ndef f(a): ...\n", "m.f(a)"),
            ("def helper(x): ...\nclass A:\n    def g(self): ...\nX = 1\n", ""),
            ("@python_scalar_udf\ndef größe(länge): ...\n", "m.größe(länge)"),
            ("", ""),
        ] {
            assert_eq!(
                shown(text),
                (if expected.is_empty() { vec![] } else { vec![expected.to_owned()] }, true),
                "{text}"
            );
        }
    }

    #[test]
    fn a_module_whose_text_does_not_tell_all_is_unclear() {
        for text in [
            "f = python_scalar_udf(lambda x: x)\n",
            "for name in names:\n    globals()[name] = python_scalar_udf(make(name))\n",
            "@my_decorator\ndef f(x): ...\n",
            "@python_scalar_udf(name=NAME)\ndef f(x): ...\n",
            "@python_scalar_udf(**options)\ndef f(x): ...\n",
            "def make():\n    @python_scalar_udf\n    def f(x): ...\n    return f\n",
            "def broken(:\n",
            "\u{0}\u{1}(((((((((((\n",
        ] {
            assert!(!shown(text).1, "{text}");
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        for text in [
            "(".repeat(200_000),
            "@".repeat(50_000),
            "if x:\n".to_owned() + &" ".repeat(100_000),
            "@a\n".repeat(20_000),
        ] {
            let _ = shown(&text);
        }
        let mut found = Definitions::default();
        found.read("m", &[0xff, 0xfe, b'd', b'e', b'f', 0x80]);
        assert_eq!(found.modules, ["m"]);
    }
}

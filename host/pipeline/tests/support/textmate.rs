//! Reads a text with a TextMate grammar, line by line, as an editor does.

use std::collections::HashMap;

use regex::Regex;
use serde_json::Value;

/// A piece of the text with the names of the rules it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub scopes: Vec<String>,
}

pub struct Grammar {
    root: Value,
    compiled: HashMap<String, Regex>,
}

/// Where a match and its groups lie.
type Groups = Vec<Option<(usize, usize)>>;

/// A rule that has begun and not ended.
struct Open<'a> {
    rule: &'a Value,
    /// Scopes of what is inside.
    scopes: Vec<String>,
    /// Scopes of what begins and ends it.
    outer: Vec<String>,
    began: usize,
}

impl Grammar {
    pub fn new(text: &str) -> Self {
        let root = serde_json::from_str(text).unwrap();
        let mut found = Vec::new();
        expressions(&root, &mut found);
        let compile = |text: String| {
            // Nothing looks around but ahead, at the end.
            let regex = Regex::new(&text.replace("(?=", "(?P<ahead>")).unwrap_or_else(|error| panic!("{error}"));
            (text, regex)
        };
        Self { root, compiled: found.into_iter().map(compile).collect() }
    }

    pub fn expressions(&self) -> Vec<String> {
        self.compiled.keys().cloned().collect()
    }

    /// The pieces of a text that are not blank.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut open = vec![Open { rule: &self.root, scopes: Vec::new(), outer: Vec::new(), began: usize::MAX }];
        for line in text.split_inclusive('\n') {
            self.line(line, &mut open, &mut tokens);
        }
        tokens
    }

    fn line<'a>(&'a self, line: &str, open: &mut Vec<Open<'a>>, tokens: &mut Vec<Token>) {
        open.iter_mut().for_each(|open| open.began = usize::MAX);
        let mut at = 0;
        while at < line.len() {
            let top = open.last().unwrap();
            let mut best: Option<(usize, Option<&Value>, Groups)> = None;
            let mut candidates = Vec::new();
            let mut rules = Vec::new();
            self.flatten(&top.rule["patterns"], &mut rules);
            for rule in rules {
                let expression = rule["match"].as_str().or(rule["begin"].as_str()).unwrap();
                candidates.push((Some(rule), expression));
            }
            if let Some(end) = top.rule["end"].as_str() {
                let at = if top.rule["applyEndPatternLast"] == 1 { candidates.len() } else { 0 };
                candidates.insert(at, (None, end));
            }
            for (rule, expression) in candidates {
                let Some(found) = self.compiled[expression].captures_at(line, at) else { continue };
                let ahead = found.name("ahead").map(|ahead| ahead.start());
                let groups = (0..found.len()).map(|group| {
                    let place = found.get(group)?;
                    Some((place.start(), ahead.unwrap_or(place.end()).min(place.end())))
                });
                let start = found.get(0).unwrap().start();
                if best.as_ref().is_none_or(|(earlier, ..)| start < *earlier) {
                    best = Some((start, rule, groups.collect()));
                }
            }
            let scopes = top.scopes.clone();
            let Some((start, rule, groups)) = best else {
                push(tokens, &line[at..], &scopes);
                return;
            };
            push(tokens, &line[at..start], &scopes);
            let end = groups[0].unwrap().1;
            match rule {
                None => {
                    let closed = open.pop().unwrap();
                    captures(tokens, line, &groups, &closed.rule["endCaptures"], &closed.outer);
                    // A rule that began here and ends here would do so for ever.
                    if end == at && closed.began == at {
                        at += line[at..].chars().next().unwrap().len_utf8();
                        continue;
                    }
                }
                Some(rule) => {
                    let outer = with(&scopes, &rule["name"]);
                    let is_range = rule.get("begin").is_some();
                    captures(tokens, line, &groups, &rule[if is_range { "beginCaptures" } else { "captures" }], &outer);
                    if is_range {
                        let scopes = with(&outer, &rule["contentName"]);
                        open.push(Open { rule, scopes, outer, began: start });
                    }
                }
            }
            at = end;
        }
    }

    /// Rules with an expression of their own, those that are only lists resolved. Other grammars are not there.
    fn flatten<'a>(&'a self, patterns: &'a Value, rules: &mut Vec<&'a Value>) {
        for pattern in patterns.as_array().into_iter().flatten() {
            let rule = match pattern["include"].as_str().map(|name| name.strip_prefix('#')) {
                Some(Some(name)) => self.root["repository"].get(name).unwrap_or_else(|| panic!("no rule {name}")),
                Some(None) => continue,
                None => pattern,
            };
            if rule.get("match").is_some() || rule.get("begin").is_some() {
                rules.push(rule);
            } else {
                self.flatten(&rule["patterns"], rules);
            }
        }
    }
}

fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| expressions(item, found)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if ["match", "begin", "end"].contains(&name.as_str()) => {
                        found.push(text.clone());
                    }
                    member => expressions(member, found),
                }
            }
        }
        _ => {}
    }
}

fn with(scopes: &[String], name: &Value) -> Vec<String> {
    scopes.iter().cloned().chain(name.as_str().map(str::to_owned)).collect()
}

/// The matched text, cut at its groups that have names.
fn captures(tokens: &mut Vec<Token>, line: &str, groups: &[Option<(usize, usize)>], names: &Value, scopes: &[String]) {
    let (start, end) = groups[0].unwrap();
    let scopes = with(scopes, &names["0"]["name"]);
    let mut at = start;
    for (group, place) in groups.iter().enumerate().skip(1) {
        let (Some((from, to)), name) = (place, &names[group.to_string()]["name"]) else { continue };
        if name.is_null() || *from < at {
            continue;
        }
        push(tokens, &line[at..*from], &scopes);
        push(tokens, &line[*from..*to], &with(&scopes, name));
        at = *to;
    }
    push(tokens, &line[at..end], &scopes);
}

/// Neighbours of the same scopes are one token; line ends belong to none.
fn push(tokens: &mut Vec<Token>, text: &str, scopes: &[String]) {
    let text = text.trim_end_matches('\n');
    if text.trim().is_empty() && !scopes.iter().any(|scope| scope.starts_with("string")) || text.is_empty() {
        return;
    }
    tokens.push(Token { text: text.to_owned(), scopes: scopes.to_vec() });
}

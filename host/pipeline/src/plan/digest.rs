use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::steps::{Plan, Refresh, Step};

/// A SHA-256, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(value: &Value) -> Self {
        let mut text = String::new();
        write_canonical(value, &mut text);
        let mut hexadecimal = String::with_capacity(64);
        for byte in Sha256::digest(text.as_bytes()) {
            hexadecimal.push_str(&format!("{byte:02x}"));
        }
        Self(hexadecimal)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Step {
    /// Changes if and only if what the step does changes. Its place in the text does not count.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&json!(self.kind))
    }
}

impl Plan {
    /// Changes if and only if a step, its dependencies or the order changes. Places in the text do not count.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let step = |step: &Step| match step.refresh {
            Refresh::None => json!([step.id, step.kind, step.depends_on]),
            refresh => json!([step.id, step.kind, step.depends_on, refresh]),
        };
        let steps = self.steps.iter().map(step).collect::<Vec<_>>();
        Digest::of(&json!({"pipeline": self.pipeline, "steps": steps}))
    }
}

/// JSON with the members of objects in the order of their names, without blanks.
fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut names = members.keys().collect::<Vec<_>>();
            names.sort();
            text.push('{');
            for (index, name) in names.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_canonical(&Value::String(name.clone()), text);
                text.push(':');
                write_canonical(&members[name], text);
            }
            text.push('}');
        }
        Value::Array(elements) => {
            text.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_canonical(element, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

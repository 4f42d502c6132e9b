//! Names and values, as text and as JSON.

/// A value in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Shown in decimal.
    Number(i64),
    /// Shown in hexadecimal; in JSON a string, as a number there has 53 bits.
    Hex(u64),
    /// A name of the kernel's.
    Name(&'static str),
    /// Numbers in hexadecimal.
    List(Vec<u64>),
    /// Groups of fields.
    Groups(Vec<Fields>),
    /// The client's memory was not readable.
    Unreadable,
}

impl Value {
    pub fn signed(value: i64) -> Self {
        Self::Number(value)
    }

    /// In decimal if that fits.
    pub fn number(value: u64) -> Self {
        i64::try_from(value).map_or(Self::Hex(value), Self::Number)
    }

    /// The name, or the number if it has none.
    pub fn named(name: Option<&'static str>, value: u64) -> Self {
        name.map_or(Self::Hex(value), Self::Name)
    }

    /// As in a line of text.
    pub fn text(&self) -> String {
        match self {
            Self::Number(value) => value.to_string(),
            Self::Hex(value) => format!("{value:#x}"),
            Self::Name(name) => (*name).to_owned(),
            Self::List(values) => format!("[{}]", join(values, " ", |value| format!("{value:#x}"))),
            Self::Groups(groups) => {
                let one = |fields: &Fields| {
                    join(&fields.0, " ", |(name, value)| format!("{name}={}", value.text()))
                };
                format!("[{}]", join(groups, ", ", one))
            }
            Self::Unreadable => "unreadable".to_owned(),
        }
    }

    /// As in JSON.
    pub fn json(&self) -> String {
        match self {
            Self::Number(value) => value.to_string(),
            Self::Hex(_) | Self::Name(_) | Self::Unreadable => format!("\"{}\"", self.text()),
            Self::List(values) => {
                format!("[{}]", join(values, ",", |value| format!("\"{value:#x}\"")))
            }
            Self::Groups(groups) => {
                let one = |fields: &Fields| {
                    let fields = join(&fields.0, ",", |(name, value)| {
                        format!("\"{name}\":{}", value.json())
                    });
                    format!("{{{fields}}}")
                };
                format!("[{}]", join(groups, ",", one))
            }
        }
    }
}

fn join<T>(items: &[T], between: &str, show: impl FnMut(&T) -> String) -> String {
    items.iter().map(show).collect::<Vec<_>>().join(between)
}

/// Values with their names, in order. Names are the kernel's, of letters that
/// need no escape anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, Value)>);

impl Fields {
    pub fn add(&mut self, name: impl Into<String>, value: Value) {
        self.0.push((name.into(), value));
    }

    pub fn append(&mut self, mut other: Fields) {
        self.0.append(&mut other.0);
    }

    pub fn iter(&self) -> std::slice::Iter<'_, (String, Value)> {
        self.0.iter()
    }

    /// The first value as text, and the rest.
    pub fn split_first(&self) -> (String, &[(String, Value)]) {
        match self.0.split_first() {
            Some(((_, first), rest)) => (first.text(), rest),
            None => (String::new(), &[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let mut fields = Fields::default();
        fields.add("a", Value::Hex(u64::MAX));
        fields.add("b", Value::number(7));
        let groups = Value::Groups(vec![fields.clone(), fields]);
        assert_eq!(groups.text(), "[a=0xffffffffffffffff b=7, a=0xffffffffffffffff b=7]");
        assert_eq!(
            groups.json(),
            r#"[{"a":"0xffffffffffffffff","b":7},{"a":"0xffffffffffffffff","b":7}]"#
        );
        assert_eq!(Value::List(vec![1, 0x1f]).json(), r#"["0x1","0x1f"]"#);
        assert_eq!(Value::signed(-1).text(), "-1");
        assert_eq!(Value::named(None, 3), Value::Hex(3));
    }
}

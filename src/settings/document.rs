//! A walk over the configuration file that knows where everything stands.
//!
//! The errors of the TOML reader quote the text, so none of them is shown: a syntax error becomes its line, everything else
//! is found by this walk. Each section remembers what it was asked for; what is left over at its end is an unknown name.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::catalogue::instead_of;
use super::error::{Mistakes, Wrong};
use super::value::{kind_of, looks_secret};

/// A configuration file: its text, the name it is called by in mistakes, and who collects them.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    pub(super) text: &'a str,
    pub(super) name: &'a str,
    pub(super) mistakes: &'a Mistakes,
}

impl Document<'_> {
    /// Reads the whole file with `read`; `None` if it is not TOML.
    pub(super) fn read<T>(self, read: impl FnOnce(&Section<'_>) -> T) -> Option<T> {
        match DeTable::parse(self.text) {
            Ok(table) => Some(Section::of(self, table.get_ref(), String::new(), 0..0).closed_after(read)),
            Err(error) => {
                let place = self.place(&error.span().unwrap_or(0..0));
                let why = "is not valid TOML: a quote or bracket is missing, or a name is given twice";
                self.mistakes.note_at(self.line(&error.span().unwrap_or(0..0)), format!("{place} {why}"));
                None
            }
        }
    }

    fn line(self, at: &Range<usize>) -> usize {
        self.text.get(..at.start).unwrap_or_default().matches('\n').count() + 1
    }

    fn place(self, at: &Range<usize>) -> String {
        format!("{} line {}", self.name, self.line(at))
    }
}

/// One table of the file.
pub(super) struct Section<'a> {
    document: Document<'a>,
    table: &'a DeTable<'a>,
    /// The names that lead here, with a dot behind each.
    path: String,
    at: Range<usize>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Section<'a> {
    fn of(document: Document<'a>, table: &'a DeTable<'a>, path: String, at: Range<usize>) -> Self {
        Self { document, table, path, at, asked: RefCell::default() }
    }

    /// The value of `name`, if it is there and `parse` takes it.
    pub(super) fn read<T>(&self, name: &'static str, parse: impl Fn(&DeValue<'a>) -> Result<T, Wrong>) -> Option<T> {
        let value = self.find(name)?;
        match parse(value.get_ref()) {
            Ok(parsed) => Some(parsed),
            Err(Wrong(why)) => {
                self.note(&value.span(), &format!("`{}{name}`", self.path), &why);
                None
            }
        }
    }

    /// As [`Section::read`], but it must be there.
    pub(super) fn require<T>(&self, name: &'static str, parse: impl Fn(&DeValue<'a>) -> Result<T, Wrong>) -> Option<T> {
        if self.find(name).is_none() {
            self.note(&self.at, &format!("`{}{name}`", self.path), "is missing");
        }
        self.read(name, parse)
    }

    /// The values of the list `name`. An empty list is a mistake: it could be taken for everybody.
    pub(super) fn list<T>(
        &self,
        name: &'static str,
        parse: impl Fn(&DeValue<'a>) -> Result<T, Wrong>,
    ) -> Option<Vec<T>> {
        let value = self.find(name)?;
        let whole = format!("`{}{name}`", self.path);
        let Some(items) = value.get_ref().as_array() else {
            self.note(&value.span(), &whole, &format!("must be a list in brackets, not {}", kind_of(value.get_ref())));
            return None;
        };
        if items.is_empty() {
            self.note(&value.span(), &whole, "must not be an empty list: leave it out, or name somebody or something");
            return None;
        }
        let mut parsed = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match parse(item.get_ref()) {
                Ok(it) => parsed.push(it),
                Err(Wrong(why)) => self.note(&item.span(), &format!("item {} of {whole}", index + 1), &why),
            }
        }
        (parsed.len() == items.len()).then_some(parsed)
    }

    /// What `read` makes of the table `name`.
    pub(super) fn within<T>(&self, name: &'static str, read: impl FnOnce(&Section<'_>) -> T) -> Option<T> {
        let value = self.find(name)?;
        self.table_at(value, &format!("{}{name}", self.path)).map(|section| section.closed_after(read))
    }

    /// What `read` makes of each `[[name]]`. What it could not make anything of, it has noted.
    pub(super) fn each<T>(&self, name: &'static str, read: impl Fn(&Section<'_>) -> Option<T>) -> Vec<T> {
        let Some(value) = self.find(name) else { return Vec::new() };
        let path = format!("{}{name}", self.path);
        let Some(items) = value.get_ref().as_array() else {
            let why = format!("must be written as [[{path}]], not as {}", kind_of(value.get_ref()));
            self.note(&value.span(), &format!("`{path}`"), &why);
            return Vec::new();
        };
        let sections = items.iter().filter_map(|item| self.table_at(item, &path));
        sections.filter_map(|section| section.closed_after(&read)).collect()
    }

    /// What `read` makes of each `[name.…]`, whose last part the operator chose.
    pub(super) fn named<T>(
        &self,
        name: &'static str,
        read: impl Fn(&str, &Section<'_>) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let Some(value) = self.find(name) else { return BTreeMap::new() };
        let Some(outer) = self.table_at(value, &format!("{}{name}", self.path)) else { return BTreeMap::new() };
        let mut all = BTreeMap::new();
        for (key, value) in outer.table {
            let chosen = key.get_ref().as_ref();
            let section = outer.table_at(value, &format!("{}{}", outer.path, shown(chosen)));
            if let Some(made) = section.and_then(|it| it.closed_after(|it| read(chosen, it))) {
                all.insert(chosen.to_owned(), made);
            }
        }
        all
    }

    /// The names that the operator chose in `[name.…]`.
    pub(super) fn names_in(&self, name: &'static str) -> Vec<&'a str> {
        let table = self.find(name).and_then(|value| value.get_ref().as_table());
        table.into_iter().flatten().map(|(key, _)| key.get_ref().as_ref()).collect()
    }

    /// Whether `name` is there and a table.
    pub(super) fn has_table(&self, name: &'static str) -> bool {
        self.find(name).is_some_and(|value| value.get_ref().is_table())
    }

    /// Notes that the whole section does not make sense.
    pub(super) fn refuse(&self, why: &str) {
        self.note(&self.at, &format!("`{}`", self.path.trim_end_matches('.')), why);
    }

    /// Notes that `name`, though well formed, does not make sense here.
    pub(super) fn refuse_name(&self, name: &'static str, why: &str) {
        let at = self.find(name).map_or(self.at.clone(), Spanned::span);
        self.note(&at, &format!("`{}{name}`", self.path), why);
    }

    fn closed_after<T>(self, read: impl FnOnce(&Section<'_>) -> T) -> T {
        let made = read(&self);
        self.refuse_unknown_names();
        made
    }

    fn refuse_unknown_names(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if !asked.contains(&name) {
                let place = self.document.place(&key.span());
                let how = if is_variable(name) {
                    "this is set in the environment or the secrets folder, never here".to_owned()
                } else {
                    instead_of(name, &asked)
                };
                let mistake = format!("unknown name `{}{}` in {place}: {how}", self.path, shown(name));
                self.document.mistakes.note_at(self.document.line(&key.span()), mistake);
            }
        }
    }

    fn table_at(&self, value: &'a Spanned<DeValue<'a>>, path: &str) -> Option<Section<'a>> {
        if let Some(table) = value.get_ref().as_table() {
            return Some(Section::of(self.document, table, format!("{path}."), value.span()));
        }
        let why = format!("must be a table with names of its own, not {}", kind_of(value.get_ref()));
        self.note(&value.span(), &format!("`{path}`"), &why);
        None
    }

    fn find(&self, name: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&name) {
            asked.push(name);
        }
        self.table.iter().find(|(key, _)| key.get_ref().as_ref() == name).map(|(_, value)| value)
    }

    fn note(&self, at: &Range<usize>, what: &str, why: &str) {
        let mistake = format!("{what} in {} {why}", self.document.place(at));
        self.document.mistakes.note_at(self.document.line(at), mistake);
    }
}

/// Whether `name` is that of a variable, in whatever case.
fn is_variable(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["STEWARD_", "ANTHROPIC_", "SLACK_", "DISCORD_", "DATABASE_URL"].iter().any(|it| name.starts_with(it))
}

/// A name as it may be repeated: not if it could be something else in the wrong place.
fn shown(name: &str) -> &str {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte));
    if plain && name.len() <= 40 && !looks_secret(name) { name } else { "…" }
}

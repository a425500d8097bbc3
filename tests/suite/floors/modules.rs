//! Knows which module a file is, where a path leads through the faces, and where modules lean on each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::{Named, named};
use crate::source::{Tree, Word, without_tests, words};

/// A path from the crate's root, without `crate`.
pub(super) type Path = Vec<String>;

/// One source file as a module.
pub(super) struct Module {
    pub(super) file: String,
    pub(super) words: Vec<Word>,
    pub(super) named: Vec<Named>,
    /// What `use` made known here: name to path from the root.
    known: BTreeMap<String, Path>,
}

impl Module {
    /// A `mod.rs` only shows what lies in its folder.
    pub(super) fn is_face(&self) -> bool {
        self.file.ends_with("/mod.rs")
    }
}

/// All modules under `src/`, but `lib.rs`, `main.rs` and files named `tests.rs`.
pub(super) struct Modules(pub(super) BTreeMap<Path, Module>);

impl Modules {
    pub(super) fn of(tree: &Tree) -> Self {
        let mut all = BTreeMap::new();
        for (file, text) in &tree.0 {
            if let Some(path) = module_path(file) {
                let words = without_tests(&words(text));
                let named = named(&words);
                all.insert(path, Module { file: file.clone(), words, named, known: BTreeMap::new() });
            }
        }
        let mut modules = Self(all);
        let known: Vec<_> = modules.0.keys().map(|path| (path.clone(), modules.known_in(path))).collect();
        for (path, known) in known {
            modules.0.get_mut(&path).expect("it was a key a line ago").known = known;
        }
        modules
    }

    fn known_in(&self, path: &Path) -> BTreeMap<String, Path> {
        let mut known = BTreeMap::new();
        for it in &self.0[path].named {
            if let (Some(name), Some(target)) = (&it.bound, self.absolute(path, it)) {
                known.insert(name.clone(), target);
            }
        }
        known
    }

    /// The path from the root that `named` means in the module `from`; `None` if it leads out of the crate.
    pub(super) fn absolute(&self, from: &Path, named: &Named) -> Option<Path> {
        let mut here: Path = from.iter().chain(&named.inside).cloned().collect();
        let first = named.path.first()?;
        let rest = match first.as_str() {
            "crate" => {
                here.clear();
                &named.path[1..]
            }
            "self" | "super" => {
                let up = named.path.iter().take_while(|it| matches!(it.as_str(), "self" | "super")).count();
                let supers = named.path[..up].iter().filter(|it| *it == "super").count();
                here.truncate(here.len().saturating_sub(supers));
                &named.path[up..]
            }
            _ => {
                let child: Path = here.iter().chain([first]).cloned().collect();
                if self.0.contains_key(&child) {
                    &named.path[..]
                } else {
                    here.clone_from(self.0[from].known.get(first)?);
                    &named.path[1..]
                }
            }
        };
        here.extend(rest.iter().cloned());
        Some(here)
    }

    /// The modules that a path from the root really means: it is followed through what faces show. A `*` behind a
    /// face means all that the face shows.
    pub(super) fn targets(&self, path: &Path, all_of_it: bool) -> BTreeSet<Path> {
        let mut found = BTreeSet::new();
        self.follow(path, all_of_it, 8, &mut found);
        found
    }

    fn follow(&self, path: &[String], all_of_it: bool, depth: usize, found: &mut BTreeSet<Path>) {
        let length = (1..=path.len()).rev().find(|it| self.0.contains_key(&path[..*it])).unwrap_or(0);
        let (module, rest) = path.split_at(length);
        if module.is_empty() || depth == 0 {
            return;
        }
        let face = &self.0[module];
        found.insert(module.to_vec());
        if !face.is_face() {
            return;
        }
        let shown = |it: &&Named| match (&it.bound, rest.first()) {
            (Some(name), Some(item)) => name == item || name == "*",
            (Some(_), None) => all_of_it,
            (None, _) => false,
        };
        for it in face.named.iter().filter(shown) {
            if let Some(mut next) = self.absolute(&module.to_vec(), it) {
                next.extend(rest.iter().skip(1).cloned());
                if next != path {
                    self.follow(&next, it.bound.as_deref() == Some("*"), depth - 1, found);
                }
            }
        }
    }

    /// Every circle inside a folder, told as the imports that close it.
    pub(super) fn circles(&self) -> Vec<String> {
        let mut folders: BTreeMap<Path, Edges> = BTreeMap::new();
        for (from, module) in self.0.iter().filter(|(_, it)| !it.is_face()) {
            for it in &module.named {
                let Some(path) = self.absolute(from, it) else { continue };
                for to in self.targets(&path, it.bound.as_deref() == Some("*")) {
                    if let Some((folder, a, b)) = self.edge(from, &to) {
                        let place = format!("{}:{}: {}", module.file, it.line, it.path.join("::"));
                        folders.entry(folder).or_default().entry(a).or_default().entry(b).or_insert(place);
                    }
                }
            }
        }
        folders.values().flat_map(circles_in).collect()
    }

    /// In which folder the import counts, and between which two of the folder's members.
    fn edge(&self, from: &Path, to: &Path) -> Option<(Path, String, String)> {
        if from == to || self.0[to].is_face() && from.starts_with(to) {
            return None;
        }
        let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
        let member = |path: &Path| path.get(shared).cloned().unwrap_or_else(|| "self".to_owned());
        Some((from[..shared].to_vec(), member(from), member(to)))
    }
}

/// Who leans on whom, and one place where.
type Edges = BTreeMap<String, BTreeMap<String, String>>;

fn circles_in(edges: &Edges) -> Vec<String> {
    let mut told = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in edges.keys() {
        if !done.contains(start.as_str())
            && let Some(way) = way_back(edges, start)
        {
            let places: Vec<_> = way.windows(2).map(|pair| edges[pair[0]][pair[1]].as_str()).collect();
            told.push(format!("a circle, {}: {}", way.join(" -> "), places.join("; ")));
            done.extend(way);
        }
    }
    told
}

/// The shortest way from `start` back to it.
fn way_back<'a>(edges: &'a Edges, start: &'a str) -> Option<Vec<&'a str>> {
    let mut ways: Vec<Vec<&str>> = vec![vec![start]];
    let mut seen = BTreeSet::new();
    let mut at = 0;
    while at < ways.len() {
        let way = ways[at].clone();
        for next in edges.get(way[way.len() - 1]).into_iter().flat_map(BTreeMap::keys) {
            let longer: Vec<&str> = way.iter().copied().chain([next.as_str()]).collect();
            if next == start {
                return Some(longer);
            } else if seen.insert(next.as_str()) {
                ways.push(longer);
            }
        }
        at += 1;
    }
    None
}

/// The module that a file under `src/` is; `None` for the free ones.
fn module_path(file: &str) -> Option<Path> {
    let inner = file.strip_prefix("src/")?.strip_suffix(".rs")?;
    if matches!(inner, "lib" | "main") || inner.ends_with("/tests") {
        return None;
    }
    Some(inner.strip_suffix("/mod").unwrap_or(inner).split('/').map(str::to_owned).collect())
}

//! Finds the paths that a source file names: the leaves of its `use` trees, and the paths inside its code.

use crate::source::{Kind, Word, closing};

/// One path that a file names.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) line: usize,
    /// As written: `["crate", "chat", "Message"]`.
    pub(super) path: Vec<String>,
    /// The inline modules that it stands in, from the outside in.
    pub(super) inside: Vec<String>,
    /// For a leaf of a `use` tree: the name by which the file knows it; `*` for all of it.
    pub(super) bound: Option<String>,
}

/// All paths of a file, in order.
pub(super) fn named(words: &[Word]) -> Vec<Named> {
    let mut found = Vec::new();
    let mut blocks: Vec<Option<String>> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let inside = || blocks.iter().flatten().cloned().collect::<Vec<_>>();
        if words[at].is("use") && !words.get(at + 1).is_some_and(|it| it.is("<")) {
            let mut tree = UseTree { words, at: at + 1, inside: inside(), found: &mut found };
            tree.branch(&[]);
            at = tree.at;
        } else if let Some(path) = path_at(words, at) {
            let length = path.len() * 2 - 1;
            found.push(Named { line: words[at].line, path, inside: inside(), bound: None });
            at += length;
        } else {
            if words[at].is("{") {
                let is_module = at >= 2 && words[at - 2].is("mod");
                blocks.push(is_module.then(|| words[at - 1].text.clone()));
            } else if words[at].is("}") {
                blocks.pop();
            }
            at += 1;
        }
    }
    found
}

/// The path of two names or more that begins here.
fn path_at(words: &[Word], at: usize) -> Option<Vec<String>> {
    let is_name = |at: usize| words.get(at).is_some_and(|it| it.kind == Kind::Name);
    let is_sign = |at: usize, sign: &str| words.get(at).is_some_and(|it| it.is(sign));
    let goes_on = at > 0 && (is_sign(at - 1, "::") || is_sign(at - 1, "."));
    if goes_on || !is_name(at) || !is_sign(at + 1, "::") || !is_name(at + 2) {
        return None;
    }
    let mut path = vec![words[at].text.clone()];
    let mut next = at + 1;
    while is_sign(next, "::") && is_name(next + 1) {
        path.push(words[next + 1].text.clone());
        next += 2;
    }
    Some(path)
}

struct UseTree<'a> {
    words: &'a [Word],
    at: usize,
    inside: Vec<String>,
    found: &'a mut Vec<Named>,
}

impl UseTree<'_> {
    fn is(&self, sign: &str) -> bool {
        self.words.get(self.at).is_some_and(|it| it.is(sign))
    }

    /// Reads one branch, which hangs on `stem`, up to the `,`, `}` or `;` behind it.
    fn branch(&mut self, stem: &[String]) {
        let mut path = stem.to_vec();
        let mut bound = None;
        let line = self.words.get(self.at).map_or(0, |it| it.line);
        while self.at < self.words.len() && !self.is(",") && !self.is("}") && !self.is(";") {
            if self.is("{") {
                return self.group(&path);
            } else if self.is("as") {
                self.at += 1;
                bound = self.words.get(self.at).map(|it| it.text.clone());
            } else if self.is("*") {
                bound = Some("*".to_owned());
            } else if !self.is("::") && (path.is_empty() || !self.is("self")) {
                path.push(self.words[self.at].text.clone());
            }
            self.at += 1;
        }
        let bound = bound.or_else(|| path.last().cloned());
        self.found.push(Named { line, path, inside: self.inside.clone(), bound });
    }

    fn group(&mut self, stem: &[String]) {
        let end = closing(self.words, self.at);
        self.at += 1;
        while self.at + 1 < end {
            if self.is(",") {
                self.at += 1;
            } else {
                self.branch(stem);
            }
        }
        self.at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::words;

    fn read(source: &str) -> Vec<String> {
        let shown = |it: Named| format!("{}:{}={}", it.line, it.path.join("::"), it.bound.unwrap_or_default());
        named(&words(source)).into_iter().map(shown).collect()
    }

    #[test]
    fn use_trees_are_read_to_their_leaves() {
        let found = read("pub use crate::{a::{self, b as c},\n d::*, e};\nuse std::fs;");
        assert_eq!(found, ["1:crate::a=a", "1:crate::a::b=c", "2:crate::d=*", "2:crate::e=e", "3:std::fs=fs"]);
    }

    #[test]
    fn paths_inside_code_are_read() {
        let found = read("fn f(x: super::A) -> Vec<crate::b::C> { x.y::<u8>(); <T as crate::D>::z(); g::<h::I>() }");
        assert_eq!(found, ["1:super::A=", "1:crate::b::C=", "1:crate::D=", "1:h::I="]);
        assert_eq!(read("impl Fn() + use<'a, T>; a::B { c }"), ["1:a::B="]);
    }

    #[test]
    fn inline_modules_are_remembered() {
        let found = named(&words("mod a { fn f() { super::x::y() } } fn g() { self::z() }"));
        assert_eq!(found[0].inside, ["a"]);
        assert!(found[1].inside.is_empty());
    }
}

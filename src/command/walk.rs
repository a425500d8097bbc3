//! Walks the words of a command along the tree: which lead to it, which are options, which are subjects.
//!
//! This is where `--key value`, `--key=value`, `key:value` and `key=value` become the same, and only where `key`
//! belongs to the command at hand: the colon of a time, a URL or `workspace:role` means nothing to it. Subjects may be
//! named like options (`--who ada`), which is what platforms with named fields send. Nothing fails here; the first thing
//! that does not fit is kept as the [`Fault`].

use clap::Arg;

use super::{alias, grammar, words};

/// How far the words led.
pub(super) struct Walk {
    /// The command, or the group where it ended.
    pub node: &'static clap::Command,
    /// The names that led there.
    pub path: Vec<&'static str>,
    /// Arguments and their values; a flag has none.
    pub given: Vec<(&'static Arg, Option<String>)>,
    /// The option that still waits for its value.
    pub pending: Option<&'static Arg>,
    /// The first thing that does not fit.
    pub fault: Option<Fault>,
    /// Help was asked for, wherever in the words.
    pub wants_help: bool,
    unnamed: Vec<Unnamed>,
    only_subjects: bool,
    behind: Option<&'static Arg>,
}

/// What does not fit.
pub(super) enum Fault {
    /// Leads nowhere from here.
    Command(String),
    /// This command has no such option.
    Option(String),
    /// The option stands there without a value.
    NoValue(&'static Arg),
    /// The flag was given a value that is neither yes nor no.
    Value(&'static Arg),
    /// It can be given once only.
    Twice(&'static Arg),
    /// There is no place for these. They stand behind the value of this argument, and may belong to it.
    Surplus(Vec<String>, Option<&'static Arg>),
}

/// A word without a name, and the option whose value stands right before it.
struct Unnamed {
    word: String,
    behind: Option<&'static Arg>,
}

impl Walk {
    /// Walks a whole command: saying nothing means `home`, a group alone means its list.
    pub(super) fn whole(said: &[String]) -> Self {
        let mut walk = Self::along(said, true);
        if let Some(arg) = walk.pending {
            walk.note(Fault::NoValue(arg));
        }
        walk
    }

    /// Walks what was typed so far.
    pub(super) fn so_far(said: &[String]) -> Self {
        Self::along(said, false)
    }

    fn along(said: &[String], is_whole: bool) -> Self {
        let said = alias::expand(said);
        let mut walk = Self {
            node: grammar::grown(),
            path: Vec::new(),
            given: Vec::new(),
            pending: None,
            fault: None,
            wants_help: said.iter().take_while(|word| *word != "--").any(|word| is_call_for_help(word)),
            unnamed: Vec::new(),
            only_subjects: false,
            behind: None,
        };
        let mut rest = said.as_slice();
        while walk.node.has_subcommands() {
            let next = rest.first().map(String::as_str);
            let Some(child) = walk.child(next, is_whole) else {
                let fault = next.map(|word| Fault::Command(word.trim().to_owned()));
                walk.fault = fault;
                return walk;
            };
            rest = if next.is_some_and(|word| is_name_of(child, word)) { &rest[1..] } else { rest };
            walk.path.push(child.get_name());
            walk.node = child;
        }
        for word in rest {
            walk.take(word);
        }
        walk.place();
        walk
    }

    /// The next command below: the named one, or what a group means when it is said alone.
    fn child(&self, next: Option<&str>, is_whole: bool) -> Option<&'static clap::Command> {
        let alone = if self.path.is_empty() { "home" } else { "list" };
        match next {
            Some(word) if words::option(word).is_some() && !self.path.is_empty() => self.node.find_subcommand(alone),
            Some(word) => self.node.get_subcommands().find(|child| is_name_of(child, word)),
            None if is_whole => self.node.find_subcommand(alone),
            None => None,
        }
    }

    fn take(&mut self, word: &str) {
        let is_option = words::option(word).is_some();
        if self.only_subjects {
            return self.leave(word);
        }
        if let Some(arg) = self.pending.take() {
            if !is_option && word != "--" {
                return self.give(arg, Some(word));
            }
            self.note(Fault::NoValue(arg));
        }
        if word == "--" {
            self.only_subjects = true;
            return;
        }
        let (key, value) = words::key_and_value(word).map_or((word, None), |(key, value)| (key, Some(value)));
        let bare = words::option(key).unwrap_or(key);
        match self.named(bare).filter(|_| is_option || value.is_some()) {
            Some(arg) => self.meet(arg, value),
            None if is_option => self.note(Fault::Option(bare.to_owned())),
            None => self.leave(word),
        }
    }

    /// A word without a name waits until all names are known.
    fn leave(&mut self, word: &str) {
        let behind = self.behind.filter(|_| !self.only_subjects);
        if !word.trim().is_empty() {
            self.unnamed.push(Unnamed { word: words::visible(word).trim().to_owned(), behind });
        }
    }

    /// An argument was named.
    fn meet(&mut self, arg: &'static Arg, value: Option<&str>) {
        if grammar::takes_value(arg) {
            match value {
                Some(value) if !value.trim().is_empty() => self.give(arg, Some(value)),
                _ => self.pending = Some(arg),
            }
            return;
        }
        match value.map(|value| value.trim().to_ascii_lowercase()).as_deref() {
            None | Some("true" | "yes" | "on" | "1") => self.give(arg, None),
            Some("false" | "no" | "off" | "0") => {}
            Some(_) => self.note(Fault::Value(arg)),
        }
    }

    fn give(&mut self, arg: &'static Arg, value: Option<&str>) {
        let value = value.map(|value| words::visible(value).trim().to_owned());
        let is_again = self.given.iter().any(|(given, _)| given.get_id() == arg.get_id());
        if is_again && !grammar::is_repeatable(arg) {
            if grammar::takes_value(arg) {
                self.note(Fault::Twice(arg));
            }
            return;
        }
        self.behind = value.is_some().then_some(arg);
        self.given.push((arg, value));
    }

    /// Gives the words without a name to the subjects that were not named, in order. Where there are none, and the
    /// command can search, they are what is searched for.
    fn place(&mut self) {
        let node = self.node;
        let mut unnamed = std::mem::take(&mut self.unnamed).into_iter();
        for slot in node.get_positionals() {
            if self.has(slot) {
                continue;
            }
            let most = if grammar::is_repeatable(slot) { usize::MAX } else { 1 };
            for it in unnamed.by_ref().take(most) {
                self.give(slot, Some(&it.word));
            }
        }
        let rest: Vec<Unnamed> = unnamed.collect();
        let behind = rest.first().and_then(|it| it.behind).or_else(|| node.get_positionals().last());
        let surplus: Vec<String> = rest.into_iter().map(|it| it.word).collect();
        let search = node.get_arguments().find(|arg| arg.get_long() == Some("find"));
        match search.filter(|arg| !self.has(arg)) {
            _ if surplus.is_empty() => {}
            Some(search) => self.give(search, Some(&surplus.join(" "))),
            None => self.note(Fault::Surplus(surplus, behind)),
        }
    }

    /// True if the argument was given.
    pub(super) fn has(&self, arg: &Arg) -> bool {
        self.given.iter().any(|(given, _)| given.get_id() == arg.get_id())
    }

    /// What the command cannot do without and was not given.
    pub(super) fn missing(&self) -> Vec<&'static Arg> {
        self.node.get_arguments().filter(|arg| arg.is_required_set() && !self.has(arg)).collect()
    }

    /// The same command in the one form that leaves nothing to be guessed: path, options, `--`, subjects.
    pub(super) fn argv(&self) -> Vec<String> {
        let mut argv: Vec<String> = self.path.iter().map(ToString::to_string).collect();
        for (arg, value) in &self.given {
            match (arg.get_long(), value) {
                (Some(long), Some(value)) => argv.push(format!("--{long}={value}")),
                (Some(long), None) => argv.push(format!("--{long}")),
                (None, _) => {}
            }
        }
        argv.push("--".to_owned());
        for slot in self.node.get_positionals() {
            let values = self.given.iter().filter(|(arg, _)| arg.get_id() == slot.get_id());
            argv.extend(values.filter_map(|(_, value)| value.clone()));
        }
        argv
    }

    /// The same command as somebody would type it, with other values where `instead` has some.
    pub(super) fn typed(&self, instead: impl Fn(&Arg, &str) -> Option<String>) -> String {
        let value_of = |arg: &Arg, value: &str| instead(arg, value).unwrap_or_else(|| value.to_owned());
        let mut said: Vec<String> = self.path.iter().map(ToString::to_string).collect();
        for slot in self.node.get_positionals() {
            let values = self.given.iter().filter(|(arg, _)| arg.get_id() == slot.get_id());
            said.extend(values.filter_map(|(arg, value)| Some(value_of(arg, value.as_ref()?))));
        }
        for (arg, value) in self.given.iter().filter(|(arg, _)| arg.get_long().is_some()) {
            said.push(grammar::name_of(arg));
            said.extend(value.as_ref().map(|value| value_of(arg, value)));
        }
        words::join(&said)
    }

    /// The argument with this name, capital letters and underscores aside.
    pub(super) fn named(&self, name: &str) -> Option<&'static Arg> {
        let name = name.to_ascii_lowercase().replace('_', "-");
        self.node.get_arguments().find(|arg| arg.get_long().unwrap_or(arg.get_id().as_str()) == name)
    }

    fn note(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }
}

fn is_name_of(command: &clap::Command, word: &str) -> bool {
    command.get_name().eq_ignore_ascii_case(word.trim())
}

fn is_call_for_help(word: &str) -> bool {
    matches!(words::option(word), Some("help" | "h"))
}

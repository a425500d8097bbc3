//! The company in the box: Meridian Labs, its people, workspaces and keys. Invented, all of it.

use super::meter::Surface;
use super::nouns::Role;
use super::workload::Rhythm;

/// The members who do not sit in the chat: first and last name, role. First names are told apart by no one else.
pub(super) const COLLEAGUES: [(&str, Role); 30] = [
    ("Noor Haddad", Role::Admin),
    ("Daniel Osei", Role::Developer),
    ("Elena Petrova", Role::Developer),
    ("Marcus Bell", Role::Developer),
    ("Yuki Tanaka", Role::Developer),
    ("Hannah Fischer", Role::Developer),
    ("Rafael Moreno", Role::Developer),
    ("Ingrid Solheim", Role::Developer),
    ("Samir Khan", Role::Developer),
    ("Chloe Dubois", Role::Developer),
    ("Pavel Novotny", Role::Developer),
    ("Aisha Rahman", Role::Developer),
    ("Lukas Steiner", Role::Developer),
    ("Nina Kovac", Role::Developer),
    ("Diego Alvarez", Role::Developer),
    ("Emma Walsh", Role::Developer),
    ("Theo Martin", Role::Developer),
    ("Zoe Adams", Role::ClaudeCodeUser),
    ("Mateo Silva", Role::ClaudeCodeUser),
    ("Freya Holm", Role::ClaudeCodeUser),
    ("Arjun Mehta", Role::ClaudeCodeUser),
    ("Clara Weiss", Role::User),
    ("Victor Lam", Role::User),
    ("Isla Murray", Role::User),
    ("Bruno Costa", Role::User),
    ("Leila Nasser", Role::User),
    ("Peter Jansen", Role::User),
    ("Ruth Cohen", Role::User),
    ("Simon Clarke", Role::User),
    ("Tara Singh", Role::User),
];

/// Workspaces: name, age in days.
pub(super) const WORKSPACES: [(&str, i64); 6] = [
    ("research", 640),
    ("production", 610),
    ("evals", 420),
    ("support-bot", 300),
    ("data-platform", 210),
    ("sandbox-playground", 90),
];

/// What the playground may use less than the organization, so that experiments hurt nobody: group, kind, value. Set on
/// the day after it was made.
pub(super) const THROTTLED: (&str, [(&str, &str, i64); 3]) = (
    "sandbox-playground",
    [
        ("rlg_claude_opus_5", "requests_per_minute", 50),
        ("rlg_claude_opus_5", "output_tokens_per_minute", 20_000),
        ("rlg_claude_sonnet_5", "requests_per_minute", 200),
    ],
);

/// The invites that were sent: whom to, as what, days ago. The last is long past its 21 days.
pub(super) const INVITES: [(&str, Role, i64); 3] = [
    ("nadia.petrov@example.com", Role::Developer, 2),
    ("hugo.martin@example.com", Role::User, 19),
    ("ines.costa@example.com", Role::User, 33),
];

/// Whose a seeded key is.
pub(super) enum Holder {
    /// A workspace's, made by the one with this first name.
    Made(&'static str),
    /// A workspace's, made by somebody who has left since.
    Leaver,
    /// A workspace's, older than the record of who made it.
    Unknown,
    /// The personal key of the one with this first name.
    Own(&'static str),
    /// This service account's.
    Account(&'static str),
}

/// What became of a seeded key.
pub(super) enum Fate {
    /// Works, for good.
    Lives,
    /// Expires in so many days; below zero: it has.
    Ends(i64),
    /// Switched off.
    Off,
    /// Archived.
    Gone,
}

/// A seeded key: name, workspace, whose, age in days, fate.
pub(super) type SeededKey = (&'static str, &'static str, Holder, i64, Fate);

/// The keys. One belongs to a leaver, one expires in three days, one was never asked for by anybody.
pub(super) const KEYS: [SeededKey; 30] = [
    ("legacy importer", "data-platform", Holder::Unknown, 205, Fate::Gone),
    ("paper-reader", "research", Holder::Made("Mira"), 390, Fate::Lives),
    ("search-rerank prod", "production", Holder::Made("Grace"), 350, Fate::Lives),
    ("checkout-assistant prod", "production", Holder::Made("Jonas"), 310, Fate::Lives),
    ("support-bot production", "support-bot", Holder::Made("Ada"), 280, Fate::Lives),
    ("support-bot staging", "support-bot", Holder::Made("Jonas"), 280, Fate::Lives),
    ("eval-runner-ci", "evals", Holder::Made("Nina"), 260, Fate::Lives),
    ("batch-scoring", "data-platform", Holder::Leaver, 190, Fate::Lives),
    ("nightly evals", "evals", Holder::Made("Mira"), 170, Fate::Lives),
    ("warehouse enrichment", "data-platform", Holder::Made("Samir"), 120, Fate::Lives),
    ("incident-summaries", "production", Holder::Made("Marcus"), 95, Fate::Lives),
    ("prompt gallery", "sandbox-playground", Holder::Made("Sofia"), 60, Fate::Lives),
    ("hackathon 2026", "sandbox-playground", Holder::Made("Emma"), 45, Fate::Off),
    ("test key 2 (do not use)", "sandbox-playground", Holder::Made("Theo"), 2, Fate::Lives),
    ("mira-laptop", "research", Holder::Own("Mira"), 230, Fate::Lives),
    ("jonas-dev", "production", Holder::Own("Jonas"), 200, Fate::Lives),
    ("elena-experiments", "research", Holder::Own("Elena"), 150, Fate::Lives),
    ("rafael-etl", "data-platform", Holder::Own("Rafael"), 140, Fate::Lives),
    ("oskar-cli", "evals", Holder::Own("Oskar"), 110, Fate::Lives),
    ("hannah-editor", "evals", Holder::Own("Hannah"), 80, Fate::Lives),
    ("yuki-agents", "sandbox-playground", Holder::Own("Yuki"), 50, Fate::Lives),
    ("samir-scratch", "sandbox-playground", Holder::Own("Samir"), 34, Fate::Ends(-4)),
    ("ingrid-bench", "evals", Holder::Own("Ingrid"), 27, Fate::Ends(3)),
    ("sofia-notebooks", "research", Holder::Own("Sofia"), 20, Fate::Lives),
    ("ci pipelines", "evals", Holder::Account("ci-pipelines"), 240, Fate::Lives),
    ("airflow", "data-platform", Holder::Account("airflow"), 180, Fate::Lives),
    ("on-call triage", "production", Holder::Account("on-call-triage"), 130, Fate::Lives),
    ("docs-indexer", "support-bot", Holder::Account("docs-indexer"), 100, Fate::Lives),
    ("release-notes", "production", Holder::Account("release-notes"), 70, Fate::Lives),
    ("load-test", "sandbox-playground", Holder::Account("load-test"), 40, Fate::Off),
];

/// The programs behind the keys: key, when they are busy, model, about how many tokens each time. Keys without one lie idle.
pub(super) const PROGRAMS: [(&str, Rhythm, &str, i64); 17] = [
    ("paper-reader", Rhythm::Office, "claude-sonnet-5-5", 9_000),
    ("search-rerank prod", Rhythm::Always, "claude-haiku-4-5", 5_000),
    ("checkout-assistant prod", Rhythm::Always, "claude-sonnet-5-5", 4_000),
    ("support-bot production", Rhythm::Always, "claude-haiku-4-5", 6_000),
    ("support-bot staging", Rhythm::Office, "claude-haiku-4-5", 1_500),
    ("eval-runner-ci", Rhythm::Office, "claude-opus-5-5", 3_000),
    ("batch-scoring", Rhythm::Nightly, "claude-haiku-4-5", 40_000),
    ("nightly evals", Rhythm::Nightly, "claude-opus-5-5", 20_000),
    ("incident-summaries", Rhythm::Always, "claude-sonnet-5-5", 1_200),
    ("mira-laptop", Rhythm::Office, "claude-opus-5-5", 2_500),
    ("jonas-dev", Rhythm::Office, "claude-sonnet-5-5", 2_000),
    ("elena-experiments", Rhythm::Office, "claude-opus-5-5", 4_500),
    ("rafael-etl", Rhythm::Weekly, "claude-haiku-4-5", 30_000),
    ("sofia-notebooks", Rhythm::Office, "claude-sonnet-5-5", 1_800),
    ("airflow", Rhythm::Nightly, "claude-haiku-4-5", 25_000),
    ("on-call triage", Rhythm::Always, "claude-haiku-4-5", 900),
    ("docs-indexer", Rhythm::Weekly, "claude-haiku-4-5", 60_000),
];

/// How programs ask that do not just ask: key, and what is special.
pub(super) const SPECIAL: [(&str, Special); 8] = [
    ("paper-reader", Special::Searching(6)),
    ("search-rerank prod", Special::Caching),
    ("checkout-assistant prod", Special::Caching),
    ("support-bot production", Special::InTheUs),
    ("support-bot staging", Special::InTheUs),
    ("eval-runner-ci", Special::RunningCode(833_333)),
    ("batch-scoring", Special::InBatches),
    ("nightly evals", Special::CachingLong),
];

/// What is special about a program.
pub(super) enum Special {
    /// Most of what it sends is cached for five minutes.
    Caching,
    /// For an hour.
    CachingLong,
    /// One search on the web each so many times.
    Searching(i64),
    /// In batches.
    InBatches,
    /// In the US only.
    InTheUs,
    /// Code runs in a container, which costs so many microcents each time.
    RunningCode(i64),
}

/// The spike: which key, how many days ago, how many times as much as on other days.
pub(super) const SPIKE: (&str, i64, i64) = ("elena-experiments", 9, 12);

/// What is used without a key: by whom (first name; none: nobody who can be named), from where, model, tokens each time.
pub(super) const KEYLESS: [(&str, Surface, &str, i64); 10] = [
    ("Zoe", Surface::ClaudeCode, "claude-opus-5-5", 7_000),
    ("Mateo", Surface::ClaudeCode, "claude-sonnet-5-5", 6_000),
    ("Freya", Surface::ClaudeCode, "claude-sonnet-5-5", 4_000),
    ("Arjun", Surface::ClaudeCode, "claude-opus-5-5", 2_000),
    ("Mira", Surface::ClaudeCode, "claude-opus-5-5", 3_500),
    ("Jonas", Surface::ClaudeCode, "claude-sonnet-5-5", 5_000),
    ("Theo", Surface::ClaudeCode, "claude-haiku-4-5", 6_500),
    ("Clara", Surface::Console, "claude-sonnet-5-5", 600),
    ("Victor", Surface::Console, "claude-opus-5-5", 900),
    ("", Surface::Agents, "claude-sonnet-5-5", 1_500),
];
/// For how many days things have been used without a key.
pub(super) const KEYLESS_DAYS: i64 = 75;
/// Where managed agents run, and how many microcents each time costs beside the tokens.
pub(super) const AGENTS: (&str, i64) = ("research", 1_333_333);

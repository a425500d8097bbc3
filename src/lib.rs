//! Steward: a company's Claude organization, run from Slack and Discord.
//!
//! This page is the plan of the house. Whoever changes the plan changes this page in the same commit, and says why.
//!
//! # Floors
//!
//! A module imports from lower floors only; neighbours on a floor do not know each other; inside a folder there is no circle.
//! A test (`tests/suite/floors.rs`) reads every path and fails naming file, line and import.
//!
//! | Floor | Rooms |
//! | --- | --- |
//! | 8 | [`cli`]: one file per subcommand; wires everything, opens the doors, closes them in reverse order |
//! | 7 | [`platform`]: the only place that knows a chat platform · [`sandbox`]: the simulated Claude organization |
//! | 6 | [`server`]: health, readiness, metrics, the scanners' path · [`dispatch`]: one invocation in, one reply out |
//! | 5 | [`command`]: the grammar and what each command comes to · [`job`]: scheduler, outbox, directory sync, what was spent, stock of keys, expiry, the trail's ways out, the activity feed, rights that end, limits and their brakes, reports that channels get, another configuration |
//! | 4 | [`change`]: the pipeline: plan, policy, decision, ledger, apply, undo |
//! | 3 | [`store`]: all SQL · [`view`]: messages that are used twice · [`settings`]: configuration, read once |
//! | 2 | [`domain`]: our nouns, pure |
//! | 1 | [`chat`]: the conversation without a platform · [`claude`]: the Admin API client · [`outgoing`] · [`seal`] |
//! | 0 | [`clock`] · [`random`] |
//!
//! # Invariants
//!
//! 1. Only `store` names sqlx; reqwest is named in `claude` and `outgoing` only.
//! 2. `domain` and `view` do no I/O and never wait; nor does `chat`, but for its four traits.
//! 3. `claude` imports nothing of ours. `sandbox` never imports `claude`, so that a wrong shape cannot agree with itself.
//! 4. Only [`change`] is handed the client's [`claude::Writer`]. Each call spends a [`change::Permit`], which is minted from a stored
//!    row that is decided, genuine (its MAC is made with a key outside the database) and has the plan that was decided on, after
//!    the rights of everybody involved were looked at just now.
//!    What an Admin key is refused, federation, is done by [`cli`] alone, at the command line, with a token that an admin brings along.
//! 5. Intention before effect: the ledger's row and the audit entry are committed before a call is made. After a crash, a call that
//!    may have been made is looked up in the organization before anything is sent again.
//! 6. No HTTP call inside a transaction. Messages that nobody waits for go through the outbox, in the transaction that caused them.
//!    What goes to the audit webhook goes past them, so that a slow receiver keeps nobody waiting.
//! 7. Secrets have no `Debug`, `Display` or `Serialize`. No error of a foreign crate is printed whole: it is mapped to a code.
//!    A key's secret lies sealed in its row, is opened by [`store::StoreVault`] for the one person it was issued to, and only while it may
//!    be shown; it goes into one reply. The key works from that moment, not before. Whether a key of the stock is free, the organization
//!    says: its name and its state there are looked up by each process before it issues any, and again before the key is named.
//!    A token lies nowhere: it goes from the exchange through memory ([`change::HouseVault`]) into one reply, once.
//! 8. A right that somebody was given (a grant, a delegation) counts by the clock, as its row was written with a key outside the
//!    database, and not any more once the trail says that it ended. Nobody gives themselves one: somebody else agrees, whatever a
//!    rule says. Whoever stands in for an approver may decide what the approver may themselves at that moment, and passes nothing on.
//! 9. Another configuration is taken whole or not at all.
//! 10. Unknown means no: an account that its platform does not clearly call a person of one's own company has no right.
//!
//! # Two walkthroughs
//!
//! **A question.** `/claude members lea` reaches `platform/*/inbound`, which splits the words and brings along what only the platform
//! knows ([`chat::Standing`]). [`dispatch::Dispatch::greet`] answers mistakes and help at once, without a lookup; otherwise the platform
//! acknowledges and calls [`dispatch::Dispatch::serve`]: who is this, what is asked, may they, was it heard before (one row, two unique
//! ids), run, close. `command::member` reads the directory and returns a message. The trail gets its entry in a batch, off the path.
//!
//! **A change.** `/claude invite lea@example.com` comes to `Outcome::Proposes`. [`change::Pipeline::propose`] plans against the directory,
//! asks the policy, and writes one transaction: the change with its digest, its calls, the audit entry, the card in the outbox.
//! [`job::Outbox`] renders the card as it stands when it goes out. *Approve* is a stored command, run as the presser:
//! one conditional `UPDATE` decides who was first. Then the organization is looked at again; if the plan would be another one now, the
//! change lapses. Otherwise intention, call, result, receipt, news.
//!
//! **A key.** An admin loads keys by `steward stock add`: each is sealed, then named and switched off there through the pipeline. A request
//! comes to four effects: a free key is claimed for one person (one transaction); it gets the name that says whose request took it; it is
//! offered by direct message; and, once its owner presses *Reveal*, it is switched on. That press goes to [`change::Pipeline::reveal`],
//! which writes down that they asked, makes the last call, and answers with a handle that the platform has opened by the vault.
//!
//! **A token.** `steward federation setup --apply` registers Steward as an issuer and prepares rules, each with a service account of its
//! own. A request in a workspace whose issuer is `token` makes one of them somebody's, in one transaction and without a call. Their press
//! comes to [`change::Pipeline::mint`]: an assertion is signed, exchanged, and forgotten; the token is shown once. To revoke it is to sign
//! nothing further: what is out lives on until its time is over.
//!
//! **A figure.** [`job::SpendSync`] reads tokens every five minutes, by hour, and puts list prices on them; it reads bills bit by
//! bit, by day, and shares each out over the day's hours and keys ([`domain::share_out`]), so that keys and remainder are exactly what was
//! billed. `/claude cost` asks [`store::Store::spend`], the one question that everything about money asks; the answer says what part of
//! it is billed, reconciled or an estimate, and how far the data reaches.
//!
//! **A limit.** What is spent is added up each minute ([`job::LimitWatch`]), by calendar periods in the configuration's zone. A threshold
//! that is reached is a row; who writes that row puts the message into the outbox, in one transaction, so that nobody hears it twice. At a
//! hard one Steward brakes: a change asked for by itself, announced five minutes before, which first writes down what it holds. When the
//! period is over, another change takes it off, and puts back only what nobody had a say about since: a key that was reported, frozen or
//! switched by somebody meanwhile stays as they left it.
//!
//! # Known quirks
//!
//! - A bill is by UTC day. Where a period begins at another hour, the bill is spread over the hours as the tokens were; what has no
//!   tokens stands at noon, UTC. Days whose hours were forgotten count as a whole, by their UTC day, or not at all.
//! - Claude Code counts for whoever was signed in, or made the key in the workspace of that name. Its own report is read by the client
//!   and by nobody else yet: what people use by subscription is on no bill here.
//! - A prompt of Haiku 5.5 between 100,000 and 200,000 tokens is estimated too low: the report does not tell it from a short one.
//!
//! - A kind of change and its calls are two files (`invite.rs`, `send_invite.rs`), where the tone page shows one: the enum of calls
//!   needs the calls, the kinds need the enum, and a circle inside a folder is not allowed.
//! - `change` holds [`domain::Change`] rather than a row of `store`'s, because `view` words it and may not know `store`.
//! - The budget of requests is an exact log of the last minute, not `governor`: its burst would let twice the budget through in the
//!   first minute. The breaker is our own too, so that revocations keep a probe of their own.
//! - The audit chain cannot see that all tables were put back as they were on an earlier day. For that, signed heads are told outside
//!   ([`job::AuditHead`]). What was written after the last one, ten minutes or a hundred entries at most, can be cut off unseen.
//! - What a call of ours leaves in Anthropic's activity feed is written down in `job/activity_trace.rs`; which side effects it records
//!   beside is not documented. One that is missing there is told as done outside, which is a message too many and not one too few.
//! - Two databases order text by bytes only where the operator chose so: PostgreSQL sorts names by its own collation.
//! - A granted `approve` stands for the role admin where a policy names it; a custom role with `approve` may break the glass, but
//!   does not: rules name roles, and a custom role can be named itself.
//! - The key that signs assertions is drawn by its own crate (ring), not by [`random`]: it takes no other source. It is not derived from
//!   the master key, because another one would have to be registered with Anthropic by somebody.
//! - Discord's gateway is kept by its crate (serenity), its REST API is called by us: the crate's limiter works for discord.com alone and
//!   remembers every interaction, its spans hold bodies, and a secret may be in one. Of its own log nothing is heard: it warns of a frame
//!   that it cannot read by quoting it. It begins a lost session anew every five seconds without telling, so a connection that is not
//!   there soon is ended and begun again within a budget; what it may begin meanwhile is counted beforehand.
//! - Discord asks nothing before a press counts and takes no choices in a modal that the crate reads: both come as a message of their own.
//! - `command` and `[audit]` of the configuration are read at the start only: registrations and outlets hang on them.
//! - Spending is known by the hour, UTC. Where a day begins at half past, the hour that it begins in counts for the day before.
//! - A limit that is raised within a period tells its thresholds for the higher amount anew: the same part of more is news.
//! - A person acts from one account per platform. Codes go one way: shown to the account that nobody knows, entered from one that is
//!   known, so that it is the known person who says whose it is.
//! - Links are bound by a key. Those of a database of before are bound once, at the first start, as they lie: who had edited them
//!   until then is not found. What an account's member may in the organization comes from the directory, which is not bound.

pub mod change;
pub mod chat;
pub mod claude;
pub mod cli;
pub mod clock;
pub mod command;
pub mod dispatch;
pub mod domain;
pub mod job;
pub mod outgoing;
pub mod platform;
pub mod random;
pub mod sandbox;
pub mod seal;
pub mod server;
pub mod settings;
pub mod store;
pub mod view;

//! The answer: the figure, what it is compared with, how sure it is, what it will come to, and its parts.

use jiff::tz::TimeZone;

use super::asked::{By, Cost, Of, Usage};
use super::lines::{Asking, Line, cut};
use super::whose::{Shown, whose};
use super::{explain, file, words};
use crate::change::{Asker, Failure};
use crate::chat::{Block, Button, Chart, ChartKind, File, Message, Series, Table, Text};
use crate::clock::{Moment, moment};
use crate::command::{Outcome, Tools, listing};
use crate::domain::{Amount, Dimension, SpendQuery, Spent, Stretch, Timeframe, WEEKS, forecast};
use crate::store::{SeatUse, UsageMark};
use crate::view::capital;

const DAY_MS: i64 = 86_400_000;
/// Lines, unless somebody says how many; days are all shown.
const USUAL: usize = 10;
const MOST_DAYS: usize = 62;

/// What is answered with.
struct Answering<'a> {
    tools: &'a Tools,
    shown: &'a Shown,
    asked: &'a Cost,
    zone: &'a TimeZone,
    period: Timeframe,
    stretch: Stretch,
    by_tokens: bool,
}

impl Cost {
    /// Answers with money in front.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] for what the asker may not see, [`Failure::Mistake`] for what nobody knows.
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        answer(tools, asker, (self, false)).await
    }
}

impl Usage {
    /// Answers with tokens in front.
    ///
    /// # Errors
    ///
    /// As [`Cost::run`].
    pub async fn run(self, tools: &Tools, asker: &Asker) -> Result<Outcome, Failure> {
        let Self { asked, top, explain, csv } = self;
        answer(tools, asker, (Cost { asked, top, explain, csv }, true)).await
    }
}

/// Answers a question; the second half of it says whether it is tokens that are wanted.
async fn answer(tools: &Tools, asker: &Asker, (asked, by_tokens): (Cost, bool)) -> Result<Outcome, Failure> {
    let shown = whose(tools, asker, &asked.asked).await?;
    let zone = tools.rules.now().zone();
    let period = asked.asked.period.unwrap_or(Timeframe::Month);
    let stretch = period.at(tools.clock.now(), &zone).ok_or_else(|| {
        Failure::mistake(
            "That time has not begun, or is outside the calendar.",
            "Name days that have been: 2026-11-01..2026-11-15.",
        )
    })?;
    let answering = Answering { tools, shown: &shown, asked: &asked, zone: &zone, period, stretch, by_tokens };
    answering.run().await.map(Outcome::says)
}

impl Answering<'_> {
    async fn run(&self) -> Result<Message, Failure> {
        let asking = Asking { tools: self.tools, shown: self.shown, zone: self.zone, by_tokens: self.by_tokens };
        let by = self.asked.asked.by.unwrap_or(By::Model);
        let lines = asking.lines(by, self.now(), self.before()).await?;
        if self.asked.asked.json {
            return Ok(listing::json(&file::as_json(&lines)));
        }
        if self.asked.csv {
            return Ok(self.as_file(by, &lines));
        }
        let total = asking.total(self.now()).await?;
        let before = asking.total(self.before()).await?;
        let most =
            self.asked.top.map_or(if by == By::Day { MOST_DAYS } else { USUAL }, |it| usize::try_from(it).unwrap_or(1));
        let mut message = self.head(&total, &before, &lines, by).await?;
        let cut = cut(lines, most);
        if !cut.is_empty() {
            message =
                message.block(Block::Table(table(by, &cut, self.by_tokens))).block(Block::Chart(self.chart(by, &cut)));
        }
        if self.asked.explain {
            message = explain::explained(self.tools, self.now(), message).await?;
        }
        Ok(self.doors(message, by))
    }

    fn as_file(&self, by: By, lines: &[Line]) -> Message {
        let (label, period) = (&self.shown.label, words::period(self.period, &self.stretch));
        let about = match lines.len() {
            1 => format!("{label}, by {}, {period}: one line.", by.as_str()),
            many => format!("{label}, by {}, {period}: {many} lines.", by.as_str()),
        };
        let what = if self.by_tokens { "usage" } else { "cost" };
        let name = format!("{what}-by-{}-{}-{}", by.as_str(), self.stretch.first, self.stretch.last);
        Message::plain("As a file for spreadsheets; no cell is a formula.").block(Block::File(File::csv(
            &name,
            about,
            file::csv(by.as_str(), lines),
        )))
    }

    async fn head(&self, total: &Spent, before: &Spent, lines: &[Line], by: By) -> Result<Message, Failure> {
        let period = words::period(self.period, &self.stretch);
        let (label, money, tokens) = (&self.shown.label, total.amount, words::tokens(total.tokens));
        let who = |verb: &str| if label == "You" { format!("You have {verb}") } else { format!("{label}:") };
        let mut message = Message::plain(if self.by_tokens {
            format!("{} {tokens} tokens {period}, for {money}.", who("used"))
        } else {
            format!("{} {money} {period}, for {tokens} tokens.", who("spent"))
        });
        let mut fields = Vec::new();
        if before.tokens > 0 || !before.amount.is_zero() {
            let said = if self.by_tokens {
                // The change is one of counts, whatever they count.
                let delta = words::delta(Amount(total.tokens), Amount(before.tokens));
                (format!("{} tokens", words::tokens(before.tokens)), delta)
            } else {
                (before.amount.to_string(), words::delta(total.amount, before.amount))
            };
            let delta = said.1.map_or_else(String::new, |it| format!(" ({it})"));
            let label = words::before(self.period, &self.stretch).to_owned();
            fields.push((label, Text::plain(format!("{}{delta}", said.0))));
        }
        if let Some(will) = self.will_be(total).await? {
            let cause = cause(by, lines).map_or_else(String::new, |it| format!(" {it}"));
            let goes_on = format!("{will}, if each weekday goes on like those of the last {WEEKS} weeks.{cause}");
            fields.push(("By its end".to_owned(), Text::plain(goes_on)));
        }
        fields.push(("How sure".to_owned(), words::ground(total, self.tools.clock.now())));
        fields.extend(self.not_in_it(total).await?);
        message = message.fields(fields);
        Ok(message)
    }

    /// What the figure does not hold.
    async fn not_in_it(&self, total: &Spent) -> Result<Vec<(String, Text)>, Failure> {
        let mut fields = Vec::new();
        if total.unpriced_tokens > 0 {
            let count = words::tokens(total.unpriced_tokens);
            let what = format!("{count} tokens are of models that have no price: the amount holds nothing for them.");
            fields.push(("Not in it".to_owned(), Text::plain(what)));
        }
        let mut known = self.tools.clock.now();
        for mark in [UsageMark::HoursFrom, UsageMark::DaysFrom] {
            known = known.min(self.tools.store.usage_mark(mark).await?.unwrap_or(known));
        }
        if let Some(used) = self.tools.store.seat_use(&self.shown.scope, (self.stretch.from, self.stretch.end)).await? {
            let SeatUse { tokens, amount } = used;
            let what = format!(
                "{} tokens of Claude Code by subscription, which would be {amount} at list prices: it is paid by the seat.",
                words::tokens(tokens)
            );
            fields.push(("Beside it".to_owned(), Text::plain(what)));
        }
        if self.stretch.from < known {
            let text = Text::plain("what was before ")
                .time(known)
                .then(": what is old is read bit by bit, backwards. At once: ");
            let text = text.code("steward usage backfill").then(" on the server.");
            fields.push(("Not read yet".to_owned(), text));
        }
        Ok(fields)
    }

    /// What it will have come to at the end of a period that runs.
    async fn will_be(&self, total: &Spent) -> Result<Option<Amount>, Failure> {
        if !self.stretch.runs() {
            return Ok(None);
        }
        let now = self.tools.clock.now();
        let today = self.zone.to_datetime(now).date();
        let Some(today_from) = Timeframe::Today.at(now, self.zone) else { return Ok(None) };
        let from = moment(today_from.from.as_millisecond() - (WEEKS * 7 + 1) * DAY_MS);
        let by = vec![Dimension::Day(self.zone.clone())];
        let query = SpendQuery { scope: self.shown.scope.clone(), from, to: now, by };
        let days = self.tools.store.spend(&query).await?;
        let read = |it: &Spent| Some((it.group.first()?.as_deref()?.parse().ok()?, it.amount));
        let all: Vec<(jiff::civil::Date, Amount)> = days.iter().filter_map(read).collect();
        let whole: Vec<_> = all.iter().copied().filter(|it| it.0 < today).collect();
        let spent_today = all.iter().filter(|it| it.0 == today).map(|it| it.1).sum();
        let length = (today_from.end.as_millisecond() - today_from.from.as_millisecond()).max(1);
        let gone = (now.as_millisecond() - today_from.from.as_millisecond()) * 100 / length;
        Ok(forecast(total.amount, (today, spent_today, gone), self.stretch.last, &whole))
    }

    fn chart(&self, by: By, lines: &[Line]) -> Chart {
        #[expect(clippy::cast_precision_loss, reason = "a chart is drawn, not added up")]
        let point = |it: &Line| if self.by_tokens { it.spent.tokens as f64 } else { it.spent.amount.to_point() };
        let (unit, what) = if self.by_tokens { ("tokens", "Tokens") } else { ("USD", "Cost") };
        Chart {
            title: format!("{what} by {}, {}", by.as_str(), words::period(self.period, &self.stretch)),
            kind: ChartKind::Bar,
            unit: unit.to_owned(),
            categories: lines.iter().map(|it| it.name.clone()).collect(),
            series: vec![Series { name: self.shown.label.clone(), points: lines.iter().map(point).collect() }],
        }
    }

    /// Where to go from here.
    fn doors(&self, message: Message, by: By) -> Message {
        let command = if self.by_tokens { "usage" } else { "cost" };
        let of = self.asked.asked.whose.as_ref().map(Of::to_string);
        let to = |label: &str, by: By| {
            let mut words = vec![command.to_owned()];
            words.extend(of.iter().map(|it| format!("--of={it}")));
            words.extend([format!("--by={}", by.as_str()), format!("--period={}", self.period)]);
            Button::new(label, &words.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let others = [("By day", By::Day), ("By model", By::Model), ("By workspace", By::Workspace)];
        let others = others.into_iter().filter(|it| it.1 != by);
        others.fold(message, |message, (label, by)| message.button(to(label, by)))
    }

    fn now(&self) -> SpendQuery {
        self.asked_in(self.stretch.from, self.stretch.to)
    }

    fn before(&self) -> SpendQuery {
        self.asked_in(self.stretch.before_from, self.stretch.before_to)
    }

    fn asked_in(&self, from: Moment, to: Moment) -> SpendQuery {
        SpendQuery { scope: self.shown.scope.clone(), from, to, by: Vec::new() }
    }
}

/// What is asked for stands first: money, or tokens.
fn table(by: By, lines: &[Line], by_tokens: bool) -> Table {
    let compared = by != By::Day;
    let row = |it: &Line| {
        let (cost, tokens) = (it.spent.amount.to_string(), words::tokens(it.spent.tokens));
        let (first, other) = if by_tokens { (tokens, cost) } else { (cost, tokens) };
        let mut cells = vec![it.name.clone(), first, other];
        if compared {
            let delta = words::delta(it.spent.amount, it.before.unwrap_or_default());
            cells.push(delta.unwrap_or_else(|| "new".to_owned()));
        }
        cells.push(it.spent.basis.to_string());
        cells.into_iter().map(Text::plain).collect()
    };
    let mut columns = vec![capital(by.as_str())];
    let [first, other] = if by_tokens { ["Tokens", "Cost"] } else { ["Cost", "Tokens"] };
    columns.extend([first, other].map(ToOwned::to_owned));
    columns.extend(compared.then(|| "Change of cost".to_owned()));
    columns.push("How sure".to_owned());
    Table { caption: format!("By {}", by.as_str()), columns, rows: lines.iter().map(row).collect() }
}

/// What has grown the most against the time before, where that is most of what has grown.
fn cause(by: By, lines: &[Line]) -> Option<String> {
    if by == By::Day || lines.len() < 2 {
        return None;
    }
    let grown = |it: &Line| it.spent.amount - it.before.unwrap_or_default();
    let all: Amount = lines.iter().map(grown).filter(|it| it.0 > 0).sum();
    let most = lines.iter().filter(|it| it.id.is_some()).max_by_key(|it| grown(it))?;
    (grown(most).0 > 0 && grown(most).percent_of(all)? >= 30)
        .then(|| format!("It was {} that grew the most: {} more than before.", most.name, grown(most)))
}

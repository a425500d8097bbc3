//! `/v1/organizations/analytics/usage` and `…/cost` (beta): tokens and money by key, actor, workspace and model, some hours late
//! and revised for weeks.
//!
//! A listing here is one state of the data or nothing: where the data was refreshed between two pages, it is begun again.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::call::Call;
use super::error::Error;
use super::reader::Reader;
use super::row::or_empty;
use super::usage::TokenClasses;

const BETA: &str = "analytics-usage-cost-2026-08-24";
/// The most rows that the API puts into one page.
const MOST_ROWS: u16 = 1_000;
/// More pages than this are no listing.
const MOST_PAGES: usize = 500;
/// So often is a listing begun again because its data was refreshed meanwhile.
const RESTARTS: usize = 3;
const GROUPS: [&str; 4] = ["api_key_id", "actor", "workspace_id", "model"];

/// Which days to ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnalyticsAsk {
    /// From the beginning of a UTC day.
    pub from: Timestamp,
    /// To the beginning of another, at most 31 days later.
    pub to: Timestamp,
}

/// All rows of one state of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analytics<T> {
    /// The rows; there is none where there is nothing.
    pub rows: Vec<T>,
    /// What lies before this moment is complete; none if nothing covers the time asked about.
    pub refreshed_at: Option<Timestamp>,
}

/// Whose use it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AnalyticsActor {
    /// `user_actor`, `service_account_actor`, `api_actor`, `federated_actor` …
    #[serde(rename = "type")]
    pub kind: String,
    /// `user_…`.
    pub user_id: Option<String>,
    /// `svac_…`.
    pub service_account_id: Option<String>,
    /// `apikey_…`.
    pub api_key_id: Option<String>,
}

/// What was billed for one combination on one day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BilledCost {
    /// The beginning of the day.
    pub starting_at: Timestamp,
    /// Its end.
    pub ending_at: Timestamp,
    /// What it is about.
    pub group: AnalyticsGroup,
    /// How much.
    pub cost: BilledAmount,
}

/// What was used by one combination on one day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UsedTokens {
    /// The beginning of the day.
    pub starting_at: Timestamp,
    /// Its end.
    pub ending_at: Timestamp,
    /// What it is about.
    pub group: AnalyticsGroup,
    /// How much.
    pub usage: TokenClasses,
}

/// The combination that a row is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AnalyticsGroup {
    /// `apikey_…`; none where no key was used.
    pub api_key_id: Option<String>,
    /// Whose use it is, where that can be said.
    pub actor: Option<AnalyticsActor>,
    /// `wrkspc_…`, the Default Workspace's too.
    pub workspace_id: Option<String>,
    /// The model; none for what has none.
    pub model: Option<String>,
    /// `tokens`, `web_search` … ; of cost only.
    pub cost_type: Option<String>,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BilledAmount {
    /// Cents, as a decimal number, after discounts.
    pub amount: String,
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Sheet<T> {
    data: Vec<T>,
    // No default: taken for "no", a missing answer would make a part look like the whole.
    has_more: bool,
    #[serde(default, deserialize_with = "or_empty")]
    next_page: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    data_refreshed_at: Option<Timestamp>,
}

impl Reader {
    /// What was billed on these days, by key, actor, workspace, model and kind of cost.
    ///
    /// # Errors
    ///
    /// [`Error`]; 403 or 404 where the organization does not have this API.
    pub async fn billed_costs(&self, ask: &AnalyticsAsk) -> Result<Analytics<BilledCost>, Error> {
        self.analytics("billed costs", ("cost", &["cost_type"]), ask).await
    }

    /// What was used on these days, by key, actor, workspace and model.
    ///
    /// # Errors
    ///
    /// As for [`Reader::billed_costs`].
    pub async fn used_tokens(&self, ask: &AnalyticsAsk) -> Result<Analytics<UsedTokens>, Error> {
        self.analytics("used tokens", ("usage", &[]), ask).await
    }

    async fn analytics<T: DeserializeOwned + Send>(
        &self,
        what: &'static str,
        (path, groups): (&str, &[&'static str]),
        ask: &AnalyticsAsk,
    ) -> Result<Analytics<T>, Error> {
        let call = Call::get(what, &["analytics", path])
            .of_beta(BETA)
            .with("time_bucket_width", "1d")
            .with("starting_at", ask.from.to_string())
            .with("ending_at", ask.to.to_string())
            .with("order_by", "time")
            .with("order", "asc");
        let call = GROUPS.iter().chain(groups).fold(call, |call, group| call.with("group_by[]", *group));
        let (mut limit, mut restarts) = (MOST_ROWS, 0);
        loop {
            match self.one_state(&call, limit).await {
                Err(Error::TooLarge) if limit > 1 => limit /= 2,
                Err(error) if error.status() == Some(410) && restarts < RESTARTS => restarts += 1,
                Ok(None) if restarts < RESTARTS => restarts += 1,
                Ok(None) => return Err(Error::Malformed { what, flaw: "it changes all the time", request_id: None }),
                Ok(Some(all)) => return Ok(all),
                Err(error) => return Err(error),
            }
        }
    }

    /// All pages of one state of the data; none if the state changed meanwhile.
    async fn one_state<T: DeserializeOwned + Send>(
        &self,
        call: &Call,
        limit: u16,
    ) -> Result<Option<Analytics<T>>, Error> {
        let call = call.clone().with("limit", limit.to_string());
        let (mut rows, mut state, mut next, mut cursors) = (Vec::new(), None, None::<String>, HashSet::new());
        loop {
            let page = call.clone().with_some("page", next.as_deref());
            let sheet: Sheet<T> = self.http.send::<Sheet<T>>(&page).await?.agreeing(|it| {
                let turns = it.next_page.as_deref().is_some_and(|page| !page.is_empty() && !cursors.contains(page));
                (!it.has_more || turns) && cursors.len() < MOST_PAGES
            })?;
            if *state.get_or_insert(sheet.data_refreshed_at) != sheet.data_refreshed_at {
                return Ok(None);
            }
            rows.extend(sheet.data);
            match sheet.next_page.filter(|_| sheet.has_more) {
                Some(page) => {
                    cursors.insert(page.clone());
                    next = Some(page);
                }
                None => return Ok(Some(Analytics { rows, refreshed_at: sheet.data_refreshed_at })),
            }
        }
    }
}

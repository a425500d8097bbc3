//! The platforms that are set: met before there is a house, wired to it, and opened.

use std::sync::Arc;

use axum::Router;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::discord::{self, DiscordSide};
use super::house::House;
use super::roster::Rosters;
use super::slack::{Door, SlackSide, keep_connected};
use crate::chat::{Memory, Platform};
use crate::clock::Clock;
use crate::job::Messengers;
use crate::platform::discord::{Discord, Parts as DiscordParts, Patience};
use crate::platform::slack::{Parts as SlackParts, Slack};
use crate::random::Random;
use crate::settings::{DiscordMode, Settings, SlackMode};
use crate::store::StoreMemory;

/// The platforms before there is a house.
pub(super) struct Sides {
    slack: Option<SlackSide>,
    discord: Option<DiscordSide>,
}

/// The platforms, wired to the house.
#[derive(Clone)]
pub(super) struct Platforms {
    slack: Option<Arc<Slack>>,
    discord: Option<Arc<Discord>>,
    /// Which of them come in over a connection that we open.
    by_socket: bool,
    by_gateway: bool,
}

impl Sides {
    /// Meets every platform that is set.
    ///
    /// # Errors
    ///
    /// That a token is not accepted, or that the end was called.
    pub(super) async fn meet(settings: &Settings, clock: &Clock, stop: &CancellationToken) -> anyhow::Result<Self> {
        let slack = match &settings.slack {
            Some(slack) => Some(SlackSide::meet(slack, clock, stop).await?),
            None => None,
        };
        let discord = match &settings.discord {
            Some(discord) => Some(DiscordSide::meet(discord, stop).await?),
            None => None,
        };
        Ok(Self { slack, discord })
    }

    /// Who says what of people.
    pub(super) fn roster(&self) -> Rosters {
        let mut all = Rosters::default();
        if let Some(it) = &self.slack {
            all = all.with(Platform::Slack, Arc::new(it.people.clone()));
        }
        if let Some(it) = &self.discord {
            all = all.with(Platform::Discord, Arc::new(it.people.clone()));
        }
        all
    }

    /// How messages go out.
    pub(super) fn messengers(&self) -> Messengers {
        let mut all = Messengers::default();
        if let Some(it) = &self.slack {
            all = all.with(Platform::Slack, Arc::new(it.messenger.clone()));
        }
        if let Some(it) = &self.discord {
            all = all.with(Platform::Discord, Arc::new(it.messenger.clone()));
        }
        all
    }

    /// Each platform, wired to the house.
    pub(super) fn platforms(&self, settings: &Settings, house: &House, clock: &Clock) -> anyhow::Result<Platforms> {
        let mut all = Platforms { slack: None, discord: None, by_socket: false, by_gateway: false };
        if let (Some(side), Some(slack)) = (&self.slack, &settings.slack) {
            side.people.follow(Arc::clone(&house.rules));
            let answers = Arc::clone(&house.dispatch) as _;
            let parts = SlackParts { answers, vault: house.vault(), people: side.people.clone(), clock: side.clock() };
            all.slack = Some(Arc::new(side.platform(slack, parts)?));
            all.by_socket = matches!(slack.mode, SlackMode::Socket { .. });
        }
        if let (Some(side), Some(discord)) = (&self.discord, &settings.discord) {
            let parts = DiscordParts {
                answers: Arc::clone(&house.dispatch) as _,
                vault: house.vault(),
                memory: memory(house, clock),
                people: side.people.clone(),
                clock: clock.clone(),
            };
            all.discord = Some(Arc::new(side.platform(discord, parts)?));
            all.by_gateway = discord.mode == DiscordMode::Gateway;
        }
        Ok(all)
    }

    /// Tells Discord the commands, aside.
    pub(super) fn register(
        self,
        settings: &Settings,
        house: &House,
        stop: &CancellationToken,
    ) -> Option<JoinHandle<()>> {
        let (side, discord) = (self.discord?, settings.discord.as_ref()?);
        let (memory, root) = (memory(house, &Clock::system()), house.rules.now().command.clone());
        let (scope, stop) = (discord::scope(discord), stop.clone());
        Some(tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = side.register(&scope, &memory, &root) => {}
            }
        }))
    }

    /// Where it runs, for the operator.
    pub(super) fn said(&self, settings: &Settings, webhooks: &str) -> String {
        let over_http = || format!("HTTP mode, on {webhooks}");
        let slack = self.slack.as_ref().zip(settings.slack.as_ref()).map(|(side, slack)| {
            let way = match slack.mode {
                SlackMode::Http { .. } => over_http(),
                SlackMode::Socket { .. } => "Socket Mode".to_owned(),
            };
            format!("the Slack workspace {:?} ({way})", side.team.name)
        });
        let discord = self.discord.as_ref().zip(settings.discord.as_ref()).map(|(side, discord)| {
            let way = match discord.mode {
                DiscordMode::Http { .. } => over_http(),
                DiscordMode::Gateway => "gateway".to_owned(),
            };
            format!("the Discord server {:?} ({way})", side.server.name)
        });
        slack.into_iter().chain(discord).collect::<Vec<_>>().join(" and ")
    }
}

fn memory(house: &House, clock: &Clock) -> Arc<dyn Memory> {
    Arc::new(StoreMemory::new(house.store.clone(), clock.clone()))
}

impl Platforms {
    /// The paths of those that come in over HTTP.
    ///
    /// # Errors
    ///
    /// [`super::exit::Misuse`] if a public key is no key.
    pub(super) fn paths(&self, settings: &Settings) -> anyhow::Result<Option<Router>> {
        let mut all = None;
        if let (Some(platform), Some(slack)) = (&self.slack, &settings.slack)
            && let Door::Paths(router) = Door::of(slack, platform)
        {
            all = Some(router);
        }
        if let (Some(platform), Some(DiscordMode::Http { public_key })) =
            (&self.discord, settings.discord.as_ref().map(|it| it.mode))
        {
            all = Some(all.unwrap_or_default().merge(discord::paths(platform, &public_key)?));
        }
        Ok(all)
    }

    /// Keeps the connections open of those that come in over one.
    pub(super) fn keep_connected(&self, settings: &Settings, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
        let mut tasks = Vec::new();
        if let (Some(platform), Some(slack)) = (&self.slack, &settings.slack)
            && let Door::Socket(app) = Door::of(slack, platform)
        {
            let (platform, stop) = (Arc::clone(platform), stop.clone());
            tasks.push(tokio::spawn(async move { keep_connected(&platform, app, stop).await }));
        }
        if let (Some(platform), true) = (&self.discord, self.by_gateway) {
            let (platform, stop) = (Arc::clone(platform), stop.clone());
            tasks.push(tokio::spawn(async move {
                platform.listen(Patience::default(), &Random::system(), stop).await;
            }));
        }
        tasks
    }

    /// Whether everything that comes in over a connection does.
    pub(super) fn are_connected(&self) -> bool {
        let of_slack = self.slack.as_ref().filter(|_| self.by_socket).is_none_or(|it| it.connections().open() > 0);
        let of_discord = self.discord.as_ref().filter(|_| self.by_gateway).is_none_or(|it| it.connection().is_open());
        of_slack && of_discord
    }

    /// Finishes what came in.
    pub(super) async fn finish(&self) {
        if let Some(it) = &self.slack {
            it.finish().await;
        }
        if let Some(it) = &self.discord {
            it.finish().await;
        }
    }
}

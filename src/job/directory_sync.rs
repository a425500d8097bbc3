//! Keeps the local copy of the organization: one full list pass every ten minutes, memberships in a rolling pass.
//!
//! Calls: `GET` on users, invites, workspaces and API keys, a thousand rows a page; one call per workspace for its members,
//! within a fifth of the budget. Leaves behind: the directory and how old each list is.

use futures_util::TryStreamExt;

use super::organization::same_organization;
use crate::change::Failure;
use crate::claude::{Error, InviteFilter, InviteStatus, KeyFilter, Pages, Reader, UserFilter, WorkspaceFilter};
use crate::clock::{Clock, Moment};
use crate::store::{Pass, Resource, Store};

/// How many workspaces a rolling pass looks at: its runs are a minute apart, and a fifth of 100 calls is 20.
const WORKSPACES_A_MINUTE: i64 = 15;
/// A workspace's members are not looked at again before they are this old.
const MEMBERS_AGE_MS: i64 = 600_000;

/// What a full pass wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Pages that were read, which is calls that were made.
    pub pages: usize,
    /// Rows that were no longer there.
    pub gone: u64,
}

/// Reads lists and writes them down.
#[derive(Clone)]
pub struct DirectorySync {
    store: Store,
    reader: Reader,
    clock: Clock,
}

impl DirectorySync {
    /// A sync of what `reader` sees into `store`.
    #[must_use]
    pub fn new(store: Store, reader: Reader, clock: Clock) -> Self {
        Self { store, reader, clock }
    }

    /// Reads every list to its end, once it is sure whose lists they are. A list that breaks off keeps what was known, and its age says so.
    ///
    /// # Errors
    ///
    /// The first [`Failure`], after all lists were tried.
    pub async fn full(&self) -> Result<Passed, Failure> {
        const LISTS: [Resource; 4] = [Resource::Members, Resource::Invites, Resource::Workspaces, Resource::ApiKeys];
        if let Err(failure) = same_organization(&self.store, &self.clock, &self.reader).await {
            for list in LISTS {
                self.store.stop_pass(list, self.clock.now(), &failure.logged()).await?;
            }
            return Err(failure);
        }
        let mut passed = Passed { pages: 1, gone: 0 };
        let mut trouble = None;
        for resource in LISTS {
            if let Err(failure) = self.list(resource, &mut passed).await {
                let code = failure.logged();
                self.store.stop_pass(resource, self.clock.now(), &code).await?;
                trouble = trouble.or(Some(failure));
            }
        }
        trouble.map_or(Ok(passed), Err)
    }

    async fn list(&self, resource: Resource, passed: &mut Passed) -> Result<(), Failure> {
        let begun = self.clock.now();
        let reader = &self.reader;
        match resource {
            Resource::Members => {
                self.write(reader.users(&UserFilter::default()), begun, passed, |rows| Pass::Members(into(rows)))
                    .await?;
            }
            Resource::Invites => {
                self.write(reader.invites(&InviteFilter::default()), begun, passed, |rows| Pass::Invites(into(rows)))
                    .await?;
            }
            Resource::Workspaces => {
                let filter = WorkspaceFilter { include_archived: true, include_default: true };
                self.write(reader.workspaces(filter), begun, passed, |rows| Pass::Workspaces(into(rows))).await?;
            }
            Resource::ApiKeys => {
                self.write(reader.api_keys(&KeyFilter::default()), begun, passed, |rows| Pass::ApiKeys(into(rows)))
                    .await?;
            }
            Resource::Memberships | Resource::KeyUsage | Resource::Costs => {}
        }
        passed.gone += self.store.end_pass(resource, begun).await?;
        Ok(())
    }

    async fn write<T: Send>(
        &self,
        mut pages: Pages<T>,
        seen: Moment,
        passed: &mut Passed,
        rows: impl Fn(Vec<T>) -> Pass + Send,
    ) -> Result<(), Failure> {
        while let Some(page) = pages.try_next().await? {
            passed.pages += 1;
            self.store.write_page(&rows(page.items), seen).await?;
        }
        Ok(())
    }

    /// Looks at the members of the workspaces that were looked at longest ago.
    ///
    /// # Errors
    ///
    /// The first [`Failure`]; the others follow with the next pass.
    pub async fn roll(&self) -> Result<usize, Failure> {
        let now = self.clock.now();
        let reader = self.reader.background();
        let mut looked = 0;
        for (workspace, seen) in self.store.stalest_workspaces(WORKSPACES_A_MINUTE).await? {
            if seen.is_some_and(|seen| now.as_millisecond() - seen.as_millisecond() < MEMBERS_AGE_MS) {
                break;
            }
            match reader.workspace_members(&workspace).collect_all().await {
                Ok(members) => self.store.write_memberships(&workspace, &into(members), now).await?,
                // Archived or gone since the last full pass, which will notice.
                Err(error) if error.is_not_found() => self.store.write_memberships(&workspace, &[], now).await?,
                // The budget is spent: no trouble, the pass rolls on in a minute.
                Err(Error::Busy { .. }) => return Ok(looked),
                Err(error) => {
                    self.store.stop_pass(Resource::Memberships, now, &error.to_string()).await?;
                    return Err(error.into());
                }
            }
            looked += 1;
        }
        self.store.end_pass(Resource::Memberships, now).await?;
        Ok(looked)
    }

    /// While invitations are open, looks once a minute which were accepted, so that newcomers are known soon. One call, and
    /// one more for each newcomer.
    ///
    /// # Errors
    ///
    /// Any [`Failure`]; the next run tries again.
    pub async fn newcomers(&self) -> Result<usize, Failure> {
        let now = self.clock.now();
        let recorded = self.store.invites(None).await?;
        let open: Vec<_> = recorded.into_iter().filter(|it| it.status == InviteStatus::Pending.as_str()).collect();
        if open.is_empty() {
            return Ok(0);
        }
        let invites = self.reader.invites(&InviteFilter::default()).collect_all().await?;
        let settled: Vec<_> = invites
            .into_iter()
            .filter(|it| open.iter().any(|one| one.id == it.id) && it.status != InviteStatus::Pending)
            .collect();
        let mut arrived = 0;
        for invite in settled {
            if invite.status == InviteStatus::Accepted {
                let filter = UserFilter { email: Some(invite.email.clone()), ..UserFilter::default() };
                self.store
                    .write_page(&Pass::Members(into(self.reader.users(&filter).collect_all().await?)), now)
                    .await?;
                arrived += 1;
            }
            self.store.write_page(&Pass::Invites(vec![invite.into()]), now).await?;
        }
        Ok(arrived)
    }
}

fn into<T, R: From<T>>(rows: Vec<T>) -> Vec<R> {
    rows.into_iter().map(R::from).collect()
}

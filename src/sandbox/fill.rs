//! An organization of any size, for load tests. Nothing in it is believable but the numbers.

use super::ids;
use super::nouns::{Key, KeyKind, KeyStatus, Member, Role, WorkspaceMember, WorkspaceRole};
use super::organization::{Organization, bare, workspace};
use super::state::Bounds;
use crate::clock::Clock;
use crate::random::Random;

impl Organization {
    /// `members` people (the first is Ada Brandt, an admin), `workspaces` besides the Default one, `keys`. Its bounds
    /// are lifted; the rate limit is not, see [`Organization::lift_rate_limit`].
    #[must_use]
    pub fn filled(members: usize, workspaces: usize, keys: usize, seed: u64, clock: Clock) -> Self {
        let random = Random::seeded(seed);
        let now = clock.now();
        let mut state = bare(&random, "Meridian Labs", now);
        state.bounds = Bounds::LIFTED;
        state.members.extend((1..members).map(|number| Member {
            id: ids::id(&random, "user"),
            email: format!("person{number:05}@example.com"),
            name: format!("Person {number:05}"),
            role: Role::ALL[number % 4],
            added_at: now,
        }));
        for number in 0..workspaces {
            state.workspaces.push(workspace(&random, &format!("team-{number:04}"), now));
        }
        let developers: Vec<String> =
            state.members.iter().filter(|it| it.role == Role::Developer).map(|it| it.id.clone()).collect();
        for (number, user_id) in developers.iter().enumerate() {
            let workspace_id = state.workspaces[number % state.workspaces.len()].id.clone();
            let role = WorkspaceRole::Developer;
            state.workspace_members.push(WorkspaceMember { workspace_id, user_id: user_id.clone(), role });
        }
        for number in 0..keys {
            let secret = ids::api_secret(&random);
            state.keys.push(Key {
                id: ids::id(&random, "apikey"),
                name: format!("key {number:05}"),
                switched: KeyStatus::Active,
                created_at: now,
                created_by: Some(state.members[number % state.members.len()].id.clone()),
                expires_at: None,
                hint: ids::hint(&secret),
                kind: KeyKind::Workspace,
                workspace_id: Some(state.workspaces[number % state.workspaces.len()].id.clone()),
                hash: ids::hash(&secret),
            });
        }
        Self::of(state, clock, random, seed)
    }
}

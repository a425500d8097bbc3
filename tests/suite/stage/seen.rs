//! What a story looks at: the organization, the trail, and the rows.

use sqlx::Connection as _;

use super::furniture::Hasty;
use super::open::Stage;

impl Stage {
    /// The actions in the audit trail about changes and links, oldest first, with who did them.
    pub(crate) async fn trail(&self) -> Vec<String> {
        let wanted = steward::store::Trail { after_seq: Some(0), limit: 100_000, ..Default::default() };
        let entries = self.house.store.trail(&wanted).await.unwrap();
        let told = entries.iter().filter(|it| !it.action.starts_with("query."));
        told.map(|it| format!("{} by {}", it.action, it.actor.trim_start_matches("browser:"))).collect()
    }

    /// The client of somebody who works past Steward, as in the Console.
    pub(crate) fn console(&self) -> steward::claude::Writer {
        self.past_steward().1
    }

    /// What such a client sees.
    pub(crate) fn console_reader(&self) -> steward::claude::Reader {
        self.past_steward().0
    }

    fn past_steward(&self) -> (steward::claude::Reader, steward::claude::Writer) {
        let mut settings = steward::claude::Settings::new(self.organization.admin_key().into(), 2);
        settings.base_url = format!("http://{}/anthropic", self.upstream);
        steward::claude::connect(settings, Hasty::beside(&self.clock)).unwrap()
    }

    /// A member's id in the organization, by the name before the `@`.
    pub(crate) fn member_id(&self, name: &str) -> String {
        let email = format!("{name}@example.com");
        self.organization.members().into_iter().find(|it| it.email == email).expect("a member").id
    }

    /// A member's role in the organization; none if they are none.
    pub(crate) fn role_of(&self, name: &str) -> Option<&'static str> {
        let email = format!("{name}@example.com");
        self.organization.members().iter().find(|it| it.email == email).map(|it| it.role.as_str())
    }

    /// Who is in a workspace, with their role there: addresses before the `@`, sorted.
    pub(crate) fn seats(&self, workspace: &str) -> Vec<(String, &'static str)> {
        let members = self.organization.members();
        let id = self.organization.workspaces().into_iter().find(|it| it.name == workspace).expect("a workspace").id;
        let inside = self.organization.workspace_members().into_iter().filter(|it| it.workspace_id == id);
        let name = |user: &str| {
            let email = members.iter().find(|it| it.id == user).map(|it| it.email.clone()).unwrap_or_default();
            email.split('@').next().unwrap_or_default().to_owned()
        };
        let mut seats: Vec<_> = inside.map(|it| (name(&it.user_id), it.role.as_str())).collect();
        seats.sort();
        seats
    }

    /// How many invitations to this address are open.
    pub(crate) fn open_invites(&self, email: &str) -> usize {
        let now = self.clock.now();
        let is_open = |it: &&steward::sandbox::Invite| it.email == email && it.status(now).as_str() == "pending";
        self.organization.invites().iter().filter(is_open).count()
    }

    /// Clicks on the newest mail to this address.
    pub(crate) fn accept_mail(&self, email: &str) {
        let mail = self.organization.mails().into_iter().rev().find(|it| it.to == email).expect("a mail");
        self.organization.accept_mail(&mail.id).unwrap();
    }

    /// A change as it stands.
    pub(crate) async fn change(&self, id: &str) -> steward::domain::Change {
        self.house.store.change(&id.parse().unwrap()).await.unwrap().expect("a change with this id")
    }

    /// The id of the newest request about this address, for answers that do not name it.
    pub(crate) async fn request_about(&self, email: &str) -> String {
        let all = self.house.store.requests(&steward::store::RequestFilter::All, 10_000).await.unwrap();
        all.into_iter().find(|it| it.asked.subject == email).expect("a request about this address").id.to_string()
    }

    /// The state of a change.
    pub(crate) async fn state(&self, id: &str) -> String {
        self.change(id).await.state.to_string()
    }

    /// Works on the database past Steward.
    pub(crate) async fn tamper(&self, statement: &'static str) {
        let mut connection = sqlx::AnyConnection::connect(&self.database.url).await.unwrap();
        sqlx::query(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// How often a call was applied by the organization.
    pub(crate) fn applied(&self, method: &str, path: &str) -> usize {
        self.organization.applied(method, path)
    }
}

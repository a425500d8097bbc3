//! Forms: what to ask for when a command lacks something.

use super::Missing;
use crate::chat::{Field, FieldKind, Form};
use crate::domain::{Environment, InviteRole, WorkspaceRole};

/// The form that asks for what `missing` says; none where a sentence serves better.
#[must_use]
pub fn form(missing: &Missing) -> Option<Form> {
    let path: Vec<&str> = missing.path.iter().map(String::as_str).collect();
    let mut form = match path.as_slice() {
        ["invite"] => Form::new(
            "Invite a colleague",
            &["invite"],
            vec![
                Field::line("person", "Address").hint("Where Anthropic sends the invitation."),
                role("--role", "What they may do"),
                workspaces(),
                reason(),
            ],
        )
        .submit("Invite"),
        ["workspace", below] => about_workspace(below)?,
        ["key", "request"] => key_request(),
        ["key", "leak"] => key_leak(),
        ["member", "role"] => {
            Form::new("Change a role", &["member", "role"], vec![who(), role("role", "New role"), reason()])
                .submit("Change")
        }
        ["member", "remove"] => {
            Form::new("Remove a member", &["member", "remove"], vec![who(), reason()]).submit("Remove")
        }
        ["request", "override"] => Form::new(
            "Approve in an emergency",
            &["request", "override"],
            vec![request_id(), words_of("reason", "Why it cannot wait", "Everybody who is skipped reads it.")],
        )
        .submit("Approve"),
        ["request", "ask"] => Form::new(
            "Ask the requester",
            &["request", "ask"],
            vec![request_id(), words_of("question", "Your question", "It stands on the card, with the answer.")],
        )
        .submit("Ask"),
        ["request", "answer"] => Form::new(
            "Answer",
            &["request", "answer"],
            vec![request_id(), words_of("answer", "Your answer", "It stands on the card.")],
        )
        .submit("Answer"),
        _ => return None,
    };
    for (name, value) in &missing.given {
        if let Some(field) = form.fields.iter_mut().find(|it| it.name == *name) {
            field.initial.clone_from(value);
        }
    }
    Some(form)
}

/// The form that was sent, with what was entered into it, so that a mistake can be mended where it was made.
#[must_use]
pub fn form_again(words: &[String], entered: &[(String, String)]) -> Option<Form> {
    let path = words.iter().take_while(|it| !it.starts_with("--")).cloned().collect();
    form(&Missing { path, given: entered.to_vec(), names: Vec::new() })
}

/// The form that asks somebody to type `expected` before a weighty change; `words` is the command as it was given.
#[must_use]
pub fn confirmation(words: &[String], summary: &str, expected: &str) -> Form {
    let field = Field::line("--confirm", &format!("Type {expected} to confirm"));
    let mut form = Form::new("Please confirm", &[], vec![field]).submit("Confirm");
    form.intro = format!("You are about to ask to {summary}.").into();
    form.words = unconfirmed(words);
    form
}

/// The command without what was typed to confirm it before, so that it can be typed again.
fn unconfirmed(words: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.trim_start_matches('-').split_once(['=', ':']) {
            Some(("confirm", _)) => {}
            None if word == "--confirm" => {
                words.next();
            }
            _ => kept.push(word.clone()),
        }
    }
    kept
}

fn key_leak() -> Form {
    let seen = Field::of("seen", "What you have seen", FieldKind::Text { lines: 5, most: 3_000 });
    let field = seen.hint("A key, a piece of a log, or its hint. It is kept nowhere.");
    Form::new("Report a leaked key", &["key", "leak"], vec![field]).submit("Switch it off")
}

fn key_request() -> Form {
    let name = Field::of("--name", "What it is called", FieldKind::Text { lines: 1, most: 80 });
    let fields = vec![
        Field::line("--workspace", "Workspace").hint("Its name or its wrkspc_… id."),
        Field::of("--purpose", "What it is for", FieldKind::Text { lines: 1, most: 200 }),
        name.optional().hint("Without one: you and its purpose."),
        environment(),
        reason(),
    ];
    Form::new("Ask for an API key", &["key", "request"], fields).submit("Ask")
}

/// The forms of the commands that change a workspace.
fn about_workspace(command: &str) -> Option<Form> {
    let words = ["workspace", command];
    Some(match command {
        "create" => Form::new("Make a workspace", &words, vec![name("Name"), reason()]).submit("Make"),
        "rename" => {
            Form::new("Rename a workspace", &words, vec![workspace(), name("New name"), reason()]).submit("Rename")
        }
        "archive" => {
            let mut form = Form::new("Archive a workspace", &words, vec![workspace(), reason()]).submit("Archive");
            form.intro = "Every API key in it stops for good. You are asked once more before anything happens.".into();
            form
        }
        "add" => {
            let role = workspace_role("--role", "What they may do there");
            Form::new("Add to a workspace", &words, vec![workspace(), who(), role, reason()]).submit("Add")
        }
        "remove" => Form::new("Take out", &words, vec![workspace(), who(), reason()]).submit("Take out"),
        "role" => {
            let role = workspace_role("role", "New role there");
            Form::new("Change a role", &words, vec![workspace(), who(), role, reason()]).submit("Change")
        }
        _ => return None,
    })
}

fn workspace() -> Field {
    Field::line("workspace", "Workspace").hint("Its name or its wrkspc_… id.")
}

fn name(label: &str) -> Field {
    Field::of("name", label, FieldKind::Text { lines: 1, most: 40 }).hint("1 to 40 characters.")
}

fn workspaces() -> Field {
    Field::line("--workspace", "Workspaces")
        .optional()
        .hint("Joined once they have accepted: research:workspace_developer, evals")
}

fn workspace_role(name: &str, label: &str) -> Field {
    let roles = [
        (WorkspaceRole::WorkspaceUser, "User: the playground"),
        (WorkspaceRole::WorkspaceRestrictedDeveloper, "Restricted developer: also API keys of their own"),
        (WorkspaceRole::WorkspaceDeveloper, "Developer: also all API keys"),
        (WorkspaceRole::WorkspaceAdmin, "Admin: also the members"),
    ];
    let options = roles.iter().map(|(role, read)| (role.as_str().to_owned(), (*read).to_owned())).collect();
    Field::of(name, label, FieldKind::Select(options)).initial(WorkspaceRole::WorkspaceUser.as_str())
}

fn who() -> Field {
    Field::line("who", "Member").hint("An address, or a name that only one member has.")
}

fn role(name: &str, label: &str) -> Field {
    let roles = [
        (InviteRole::User, "User: the playground"),
        (InviteRole::ClaudeCodeUser, "Claude Code user: the playground and Claude Code"),
        (InviteRole::Developer, "Developer: also API keys"),
        (InviteRole::Billing, "Billing: also payment and invoices"),
    ];
    let options = roles.iter().map(|(role, read)| (role.as_str().to_owned(), (*read).to_owned())).collect();
    Field::of(name, label, FieldKind::Select(options)).initial(InviteRole::User.as_str())
}

fn environment() -> Field {
    let options = Environment::ALL.iter().map(|it| (it.as_str().to_owned(), it.as_str().to_owned())).collect();
    Field::of("--environment", "Where it is used", FieldKind::Select(options))
        .optional()
        .hint("Without one: as the workspace.")
}

fn request_id() -> Field {
    Field::line("request", "Request").hint("Its id, such as C17-k3f9.")
}

fn words_of(name: &str, label: &str, hint: &str) -> Field {
    Field::of(name, label, FieldKind::Text { lines: 3, most: 500 }).hint(hint)
}

fn reason() -> Field {
    Field::of("--reason", "Reason", FieldKind::Text { lines: 3, most: 500 })
        .optional()
        .hint("Whoever decides reads it.")
}

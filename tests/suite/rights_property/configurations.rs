//! The configurations that replace each other: as a file says it, and as the model understands it.

/// Who has to agree to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    AtOnce,
    Yes(usize, &'static [&'static str]),
    Refused,
}

/// One configuration.
pub(super) struct Configured {
    /// The file.
    pub(super) file: &'static str,
    /// Groups of the chat, and the role that each gives.
    pub(super) groups: &'static [(&'static str, &'static str)],
    /// Roles in the Claude organization, and the role that each gives.
    pub(super) claude_roles: &'static [(&'static str, &'static str)],
    /// Whoever decides anything: the table's admins, and those whom a rule names.
    pub(super) deciders: &'static [&'static str],
    /// What a rule says for a kind of change and the asker's strongest role.
    pub(super) rule: fn(&str, &str) -> Option<Need>,
}

macro_rules! file {
    ($rest:literal) => {
        concat!(
            "verified_domains = [\"example.com\"]\nfirst_admins = [\"browser:ada\"]\n",
            "approvers_channel = \"browser:approvals\"\n[quotas]\npending_per_person = 1000\n",
            "[[role_map]]\nfrom = \"browser-group:admins\"\nrole = \"admin\"\n",
            $rest
        )
    };
}

const ADMINS: (&str, &str) = ("browser-group:admins", "admin");
const FINANCE: (&str, &str) = ("browser-group:finance", "billing");

/// All of them; the first is the one that every sequence begins with.
pub(super) static ALL: [Configured; 4] = [
    Configured {
        file: file!("[[role_map]]\nfrom = \"browser-group:finance\"\nrole = \"billing\"\n"),
        groups: &[ADMINS, FINANCE],
        claude_roles: &[],
        deciders: &["admin"],
        rule: |_, _| None,
    },
    Configured {
        file: file!(
            "[[role_map]]\nfrom = \"browser-group:finance\"\nrole = \"billing\"\n\
             [[policy]]\nchange = \"invite\"\nasked_by = \"member\"\n\
             decide = { approvals = 1, by = [\"browser-group:finance\"] }\n"
        ),
        groups: &[ADMINS, FINANCE],
        claude_roles: &[],
        deciders: &["admin", "browser-group:finance"],
        rule: |kind, by| (kind == "invite" && by == "member").then_some(Need::Yes(1, &["browser-group:finance"])),
    },
    Configured {
        file: file!(
            "[[policy]]\nchange = \"workspace.member\"\ndecide = { approvals = 2, by = [\"admin\", \
             \"browser-group:finance\"] }\n\
             [[policy]]\nchange = \"member.role\"\ndecide = { approvals = 1, by = [\"admin\"] }\n"
        ),
        groups: &[ADMINS],
        claude_roles: &[],
        deciders: &["admin", "browser-group:finance"],
        rule: |kind, _| match kind {
            "workspace.member" => Some(Need::Yes(2, &["admin", "browser-group:finance"])),
            "member.role" => Some(Need::Yes(1, &["admin"])),
            _ => None,
        },
    },
    Configured {
        file: file!(
            "[[role_map]]\nfrom = \"claude-role:billing\"\nrole = \"billing\"\n\
             [[role_map]]\nfrom = \"discord-role:80351110224678900\"\nrole = \"admin\"\n"
        ),
        groups: &[ADMINS, ("discord-role:80351110224678900", "admin")],
        claude_roles: &[("billing", "billing")],
        deciders: &["admin"],
        rule: |_, _| None,
    },
];

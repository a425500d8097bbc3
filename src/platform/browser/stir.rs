//! What moves in a room, as its open pages are told.

/// Something beside the messages that a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// The time was pushed.
    Clock,
    /// An invitation mail arrived or was accepted.
    Mail,
    /// The audit trail grew.
    Audit,
    /// The simulated organization changed.
    Console,
    /// A person joined, left, or changed role or groups.
    People,
}

impl Touch {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Mail => "mail",
            Self::Audit => "audit",
            Self::Console => "console",
            Self::People => "people",
        }
    }
}

/// One thing that moved.
#[derive(Clone, Debug)]
pub(super) enum Stir {
    /// A message came, changed or went; `to` if only one person sees it.
    Message { channel: String, to: Option<String> },
    /// Something beside the messages.
    Touched(Touch),
    /// The room closes; streams end so that the server can stop.
    Closed,
}

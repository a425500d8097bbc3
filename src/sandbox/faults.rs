//! How the simulated API misbehaves on request: each fault for a path and a number of times.

use std::str::FromStr;

/// A foreign host that nobody answers at, for redirects.
const ELSEWHERE: &str = "http://elsewhere.invalid/v1/organizations/me";
/// The longest delay that may be asked for, in milliseconds.
const LONGEST_DELAY_MS: u64 = 120_000;
/// All names, as they are told to whoever asks for another one.
const KNOWN: &str = "429, 429-bare, 500-before, 500-after, 529, delay:<ms>, late:<ms>, cut-before, cut-after, empty, \
                     redirect, redirect:<status>, redirect:<status>:<url>, malformed, html, wrong-org";

/// One way to misbehave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `429`: refused, with `retry-after`.
    TooMany,
    /// `429-bare`: refused, without a word on when to come back.
    TooManyBare,
    /// `500-before`: nothing was done.
    FailBefore,
    /// `500-after`: it was done.
    FailAfter,
    /// `529`: overloaded, nothing was done.
    Overloaded,
    /// `delay:<ms>`: done at once, answered late.
    Delay(u64),
    /// `late:<ms>`: done late, even if the caller has gone meanwhile.
    Late(u64),
    /// `cut-before`: nothing was done, and the connection is closed without an answer.
    CutBefore,
    /// `cut-after`: it was done, and the connection is closed without an answer.
    CutAfter,
    /// `empty`: it was done; 200 with no body.
    Empty,
    /// `redirect`, `redirect:<status>`, `redirect:<status>:<url>`: sent to a foreign host, nothing was done.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// Where to.
        to: String,
    },
    /// `malformed`: it was done; half of the JSON arrives.
    Malformed,
    /// `html`: 200 with the page of a proxy in between, nothing was done.
    Html,
    /// `wrong-org`: another organization answers, and it is the one that changes.
    WrongOrganization,
}

/// A fault that is not known, with those that are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such fault; known are {KNOWN}")]
pub struct UnknownFault;

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        let (head, rest) = name.split_once(':').map_or((name, None), |(head, rest)| (head, Some(rest)));
        match (head, rest) {
            ("429", None) => Ok(Self::TooMany),
            ("429-bare", None) => Ok(Self::TooManyBare),
            ("500-before", None) => Ok(Self::FailBefore),
            ("500-after", None) => Ok(Self::FailAfter),
            ("529", None) => Ok(Self::Overloaded),
            ("delay", Some(ms)) => wait(ms).map(Self::Delay),
            ("late", Some(ms)) => wait(ms).map(Self::Late),
            ("cut-before", None) => Ok(Self::CutBefore),
            ("cut-after", None) => Ok(Self::CutAfter),
            ("empty", None) => Ok(Self::Empty),
            ("redirect", rest) => redirect(rest),
            ("malformed", None) => Ok(Self::Malformed),
            ("html", None) => Ok(Self::Html),
            ("wrong-org", None) => Ok(Self::WrongOrganization),
            _ => Err(UnknownFault),
        }
    }
}

fn wait(ms: &str) -> Result<u64, UnknownFault> {
    ms.parse().ok().filter(|ms| *ms <= LONGEST_DELAY_MS).ok_or(UnknownFault)
}

fn redirect(rest: Option<&str>) -> Result<Fault, UnknownFault> {
    let (status, to) = match rest {
        None => ("302", ELSEWHERE),
        Some(rest) => rest.split_once(':').unwrap_or((rest, ELSEWHERE)),
    };
    let status = status.parse().map_err(|_| UnknownFault)?;
    let sendable = to.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    if [301, 302, 303, 307, 308].contains(&status) && sendable {
        Ok(Fault::Redirect { status, to: to.to_owned() })
    } else {
        Err(UnknownFault)
    }
}

/// The faults that wait for their request.
#[derive(Default)]
pub(super) struct Planned(Vec<Plan>);

struct Plan {
    method: Option<String>,
    path: String,
    fault: Fault,
    left: u32,
}

impl Planned {
    /// Lets the next `times` requests whose path begins with `path` (`/v1/…`, or `POST /v1/…` for one method) fail like
    /// this. The `/anthropic` that the API hangs under may be said or left out. No times: what was planned there is off.
    pub(super) fn add(&mut self, path: &str, fault: Fault, times: u32) {
        let (method, path) = match path.trim().split_once(' ') {
            Some((method, path)) => (Some(method.to_ascii_uppercase()), path.trim()),
            None => (None, path.trim()),
        };
        let path = path.strip_prefix("/anthropic").unwrap_or(path).to_owned();
        if times == 0 {
            self.0.retain(|plan| plan.path != path || plan.method != method);
        } else {
            self.0.push(Plan { method, path, fault, left: times });
        }
    }

    /// The fault that this request meets, if any; the one planned first goes first.
    pub(super) fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let at = self.0.iter().position(|plan| {
            plan.method.as_deref().is_none_or(|wanted| wanted == method) && path.starts_with(&plan.path)
        })?;
        let plan = &mut self.0[at];
        plan.left -= 1;
        let fault = plan.fault.clone();
        if plan.left == 0 {
            self.0.remove(at);
        }
        Some(fault)
    }
}

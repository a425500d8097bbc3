//! Listings of the Admin API client: complete, in few calls, and never taken in by a page that lies.

use futures_util::StreamExt;
use serde_json::{Value, json};
use steward::claude::{Error, KeyFilter, Reader, UserFilter, WorkspaceFilter};

use super::claude_upstream::{Seen, Upstream, failed, key, ok, page, user, workspace};

/// A faithful listing of `total` rows in the scheme with cursors.
fn listing(seen: &Seen, total: usize, row: fn(&str) -> Value) -> Value {
    let limit: usize = seen.parameter("limit").map_or(20, |limit| limit.parse().unwrap());
    let start = seen.parameter("after_id").map_or(0, |id| id[4..].parse::<usize>().unwrap() + 1);
    let end = total.min(start + limit.min(1000));
    let rows: Vec<Value> = (start..end).map(|n| row(&format!("row_{n}"))).collect();
    page(&rows, end < total)
}

#[tokio::test]
async fn a_large_organization_takes_at_most_twenty_calls() {
    let upstream = Upstream::answering(|seen, _| {
        ok(&match seen.path.rsplit('/').next().unwrap() {
            "users" => listing(seen, 5_000, user),
            "workspaces" => listing(seen, 500, workspace),
            _ => listing(seen, 10_000, key),
        })
    })
    .await;
    let (reader, _, time) = upstream.client_within(100);
    let users = reader.users(&UserFilter::default()).collect_all().await.unwrap();
    let workspaces = reader.workspaces(WorkspaceFilter::default()).collect_all().await.unwrap();
    let keys = reader.api_keys(&KeyFilter::default()).collect_all().await.unwrap();
    assert_eq!((users.len(), workspaces.len(), keys.len()), (5_000, 500, 10_000));
    assert!(users.iter().enumerate().all(|(n, user)| user.id == format!("row_{n}")));
    assert_eq!(keys[9_999].id, "row_9999");
    assert_eq!(upstream.count(), 16);
    assert!(time.slept().is_empty());
}

#[tokio::test]
async fn pages_are_asked_for_one_at_a_time() {
    let upstream = Upstream::answering(|seen, _| ok(&listing(seen, 2_001, user))).await;
    let (reader, ..) = upstream.client();
    let mut pages = reader.users(&UserFilter::default());
    assert_eq!(upstream.count(), 0);
    let first = pages.next().await.unwrap().unwrap();
    assert_eq!((first.items.len(), first.more, upstream.count()), (1_000, true, 1));
    pages.next().await.unwrap().unwrap();
    let last = pages.next().await.unwrap().unwrap();
    assert_eq!((last.items.len(), last.more), (1, false));
    assert!(pages.next().await.is_none());
    let cursors: Vec<_> = upstream.seen().iter().map(|seen| seen.parameter("after_id").map(str::to_owned)).collect();
    assert_eq!(cursors, [None, Some("row_999".into()), Some("row_1999".into())]);
}

#[tokio::test]
async fn an_empty_listing_is_complete() {
    let upstream = Upstream::saying(json!({ "data": [], "has_more": false, "first_id": null, "last_id": null })).await;
    assert_eq!(upstream.client().0.users(&UserFilter::default()).collect_all().await, Ok(vec![]));
}

#[tokio::test]
async fn a_listing_that_breaks_in_the_middle_fails_as_a_whole() {
    let upstream = Upstream::answering(|seen, n| {
        if n == 0 { ok(&listing(seen, 1_500, user)) } else { super::claude_upstream::refusal(403, "x", None) }
    })
    .await;
    let (reader, ..) = upstream.client();
    assert!(failed(reader.users(&UserFilter::default()).collect_all().await).is_forbidden());
    let mut pages = reader.users(&UserFilter::default());
    assert!(pages.next().await.unwrap().is_err());
    assert!(pages.next().await.is_none(), "an error ends the stream");
}

/// Every lie about pages ends with `Malformed`, after few calls.
#[tokio::test]
async fn a_listing_that_lies_ends() {
    type Lie = (&'static str, fn(usize) -> Value, usize);
    let lies: [Lie; 10] = [
        ("more, but no cursor", |_| json!({ "data": [user("row_1")], "has_more": true }), 1),
        ("more, but a null cursor", |_| json!({ "data": [user("a")], "has_more": true, "last_id": null }), 1),
        ("more, but an empty cursor", |_| json!({ "data": [user("a")], "has_more": true, "last_id": "" }), 1),
        ("no word on more", |_| json!({ "data": [user("a")], "last_id": "a" }), 1),
        ("no rows field", |_| json!({ "has_more": false }), 1),
        ("the same page for ever", |_| page(&[user("a")], true), 2),
        (
            "the same rows, new cursors",
            |n| json!({ "data": [user("a")], "has_more": true, "last_id": n.to_string() }),
            2,
        ),
        ("new rows, same cursor", |n| json!({ "data": [user(&n.to_string())], "has_more": true, "last_id": "z" }), 2),
        ("two pages in turn", |n| page(&[user(&(n % 2).to_string())], true), 3),
        ("one row twice", |_| page(&[user("a"), user("b"), user("a")], false), 1),
    ];
    for (name, lie, calls) in lies {
        let upstream = Upstream::answering(move |_, n| ok(&lie(n))).await;
        let error = failed(upstream.client().0.users(&UserFilter::default()).collect_all().await);
        assert!(matches!(error, Error::Malformed { what: "members", .. }), "{name}: {error}");
        assert_eq!(upstream.count(), calls, "{name}");
    }
}

#[tokio::test]
async fn a_listing_without_end_is_given_up() {
    let upstream = Upstream::answering(|_, n| ok(&page(&[user(&format!("row_{n}"))], true))).await;
    let error = failed(upstream.client().0.users(&UserFilter::default()).collect_all().await);
    assert!(matches!(error, Error::Malformed { flaw: "it does not end", .. }), "{error}");
    assert_eq!(upstream.count(), 500);
    let upstream =
        Upstream::answering(|_, n| ok(&json!({ "data": [], "has_more": true, "last_id": n.to_string() }))).await;
    failed(upstream.client().0.users(&UserFilter::default()).collect_all().await);
    assert_eq!(upstream.count(), 500);
}

fn limit(id: usize) -> Value {
    json!({ "id": format!("rl_{id}"), "models": [], "limits": [], "type": "rate_limit" })
}

async fn limits(reader: &Reader) -> Result<usize, Error> {
    reader.rate_limits().collect_all().await.map(|limits| limits.len())
}

#[tokio::test]
async fn page_tokens_are_followed() {
    let upstream = Upstream::answering(|seen, _| {
        ok(&match seen.parameter("page") {
            None => json!({ "data": [limit(1), limit(2)], "next_page": "page_b==" }),
            Some("page_b==") => json!({ "data": [limit(3)], "next_page": "c&d=1", "has_more": true }),
            Some("c&d=1") => json!({ "data": [limit(4)], "next_page": null, "has_more": false }),
            Some(other) => panic!("{other}"),
        })
    })
    .await;
    assert_eq!(limits(&upstream.client().0).await, Ok(4));
    assert_eq!(upstream.count(), 3);
    assert!(upstream.seen().iter().all(|seen| seen.parameter("limit").is_none()));
}

#[tokio::test]
async fn page_tokens_that_lie_end() {
    type Lie = (&'static str, fn(usize) -> Value, usize);
    let lies: [Lie; 5] = [
        ("the same token again", |n| json!({ "data": [limit(n)], "next_page": "a" }), 2),
        ("the same page for ever", |n| json!({ "data": [limit(0)], "next_page": n.to_string() }), 2),
        ("more, but no token", |_| json!({ "data": [limit(0)], "has_more": true, "next_page": null }), 1),
        ("an empty token", |_| json!({ "data": [limit(0)], "next_page": "" }), 1),
        ("a token of the wrong type", |_| json!({ "data": [limit(0)], "next_page": 7 }), 1),
    ];
    for (name, lie, calls) in lies {
        let upstream = Upstream::answering(move |_, n| ok(&lie(n))).await;
        let error = failed(limits(&upstream.client().0).await);
        assert!(matches!(error, Error::Malformed { what: "rate limits", .. }), "{name}: {error}");
        assert_eq!(upstream.count(), calls, "{name}");
    }
}

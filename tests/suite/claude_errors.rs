//! The Admin API client when things go wrong: what is repeated, what never is, and what the caller is told.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use steward::claude::{Error, KeyStatus, Reader, Removal, Role, Settings, WorkspaceRole, Writer, connect};

use super::claude_upstream::{
    FakeTime, Upstream, failed, half, hanging_up_after, ok, organization, refusal, settings, user, with_header,
};

#[tokio::test]
async fn a_refusal_is_told_in_codes() {
    let cases = [
        (400, "invalid_request_error", Some("already_member"), 1),
        (401, "authentication_error", None, 1),
        (402, "billing_error", None, 1),
        (403, "permission_error", Some("sandbox_egress_restricted"), 1),
        (404, "not_found_error", None, 1),
        (409, "conflict_error", Some("external_key_changed"), 1),
        (409, "conflict_error", Some("concurrent_membership_change"), 4),
        (413, "request_too_large", None, 1),
        (429, "rate_limit_error", None, 4),
        (500, "api_error", None, 4),
        (502, "api_error", None, 4),
        (504, "timeout_error", None, 4),
        (529, "overloaded_error", None, 4),
    ];
    for (status, kind, code, tries) in cases {
        let upstream = Upstream::answering(move |_, _| refusal(status, kind, code)).await;
        let error = failed(upstream.client().0.organization().await);
        assert_eq!(error.status(), Some(status));
        assert_eq!((error.error_type(), error.error_code()), (Some(kind), code));
        assert_eq!(error.request_id(), Some("req_011CX"));
        assert_eq!(error.is_unauthorized(), status == 401);
        assert_eq!(error.is_forbidden(), status == 403);
        assert_eq!(error.is_not_found(), status == 404);
        assert_eq!(error.is_ambiguous(), status >= 500);
        assert_eq!(upstream.count(), tries, "{status} {code:?}");
    }
    let upstream = Upstream::answering(|_, _| refusal(400, "invalid_request_error", Some("already_member"))).await;
    let error = failed(upstream.client().1.invite("ada@example.com", &Role::User).await);
    let told = "the Admin API answered 400, type invalid_request_error, code already_member, request req_011CX";
    assert_eq!(error.to_string(), told);
}

#[tokio::test]
async fn a_refusal_needs_no_readable_body() {
    let odd: [&[u8]; 6] =
        [b"", b"<html>", b"[]", b"{\"error\":7}", b"{\"error\":{\"type\":[],\"details\":3}}", b"\xff\xfe"];
    for body in odd {
        let upstream = Upstream::answering(move |_, _| (axum::http::StatusCode::FORBIDDEN, body).into_response()).await;
        let error = failed(upstream.client().0.organization().await);
        assert!(error.is_forbidden() && error.error_type().is_none() && error.request_id().is_none());
    }
    let upstream = Upstream::answering(|_, _| {
        let body = Body::from(vec![b'x'; 20 << 20]);
        (axum::http::StatusCode::NOT_FOUND, body).into_response()
    })
    .await;
    assert!(failed(upstream.client().0.organization().await).is_not_found());
}

#[tokio::test]
async fn a_look_is_repeated_until_it_works() {
    let upstream = Upstream::answering(|_, n| match n {
        0 => refusal(529, "overloaded_error", None),
        1 => half(),
        2 => refusal(429, "rate_limit_error", None),
        _ => ok(&organization()),
    })
    .await;
    let (reader, _, time) = upstream.client();
    reader.organization().await.unwrap();
    assert_eq!(upstream.count(), 4);
    let most = [500, 1_000, 2_000].map(Duration::from_millis);
    let slept = time.slept();
    assert!(slept.len() == 3 && slept.iter().zip(most).all(|(pause, most)| *pause <= most), "{slept:?}");
}

/// Full jitter: the pauses spread over the whole range, so that clients do not come back together.
#[tokio::test]
async fn pauses_are_spread() {
    let upstream = Upstream::answering(|_, _| refusal(500, "api_error", None)).await;
    let (reader, _, time) = upstream.client();
    let mut first = Vec::new();
    for n in 0..60 {
        failed(reader.organization().await);
        first.push(time.slept()[n * 3]);
    }
    let below = first.iter().filter(|pause| **pause < Duration::from_millis(250)).count();
    assert!((8..=52).contains(&below), "{below} of 60 in the lower half");
}

#[tokio::test]
async fn a_wish_to_wait_is_obeyed_or_told() {
    let upstream = Upstream::answering(|_, n| match n {
        0 => with_header(429, "retry-after", "7"),
        1 => with_header(503, "retry-after", "2.5"),
        _ => ok(&organization()),
    })
    .await;
    let (reader, _, time) = upstream.client();
    reader.organization().await.unwrap();
    let slept = time.slept();
    assert!(slept[0] >= Duration::from_secs(7) && slept[1] >= Duration::from_secs(3), "{slept:?}");

    for (text, told) in [("500", Some(500)), ("-1", None), ("soon", None), ("NaN", None), ("inf", None), ("", None)] {
        let upstream = Upstream::answering(move |_, _| with_header(429, "retry-after", text)).await;
        let (reader, _, time) = upstream.client();
        let error = failed(reader.organization().await);
        assert_eq!(error.retry_after(), told.map(Duration::from_secs), "{text}");
        assert_eq!(upstream.count(), if told.is_some() { 1 } else { 4 }, "{text}");
        assert!(time.slept().iter().sum::<Duration>() < Duration::from_mins(2));
    }
}

#[tokio::test]
async fn changes_that_end_the_same_are_repeated() {
    let upstream = Upstream::answering(|_, _| refusal(500, "api_error", None)).await;
    let (_, writer, _) = upstream.client();
    let errors = [
        failed(writer.set_role("user_1", &Role::User).await),
        failed(writer.remove_user("user_1").await),
        failed(writer.withdraw_invite("invite_1").await),
        failed(writer.rename_workspace("wrkspc_1", "lab").await),
        failed(writer.set_workspace_role("wrkspc_1", "user_1", &WorkspaceRole::User).await),
        failed(writer.remove_workspace_member("wrkspc_1", "user_1").await),
        failed(writer.rename_key("apikey_1", "lab").await),
        failed(writer.set_key_status("apikey_1", &KeyStatus::Inactive).await),
    ];
    assert!(errors.iter().all(Error::is_ambiguous));
    assert_eq!(upstream.count(), errors.len() * 4);
}

#[tokio::test]
async fn changes_that_would_happen_twice_are_sent_once() {
    for status in [408, 429, 500, 503, 529] {
        let upstream = Upstream::answering(move |_, _| refusal(status, "x", None)).await;
        let (_, writer, _) = upstream.client();
        let errors = [
            failed(writer.invite("ada@example.com", &Role::User).await),
            failed(writer.create_workspace("lab").await),
            failed(writer.add_workspace_member("wrkspc_1", "user_1", &WorkspaceRole::User).await),
            failed(writer.archive_workspace("wrkspc_1").await),
        ];
        assert!(errors.iter().all(|error| error.is_ambiguous() == (status != 429)));
        assert_eq!(upstream.count(), errors.len(), "{status}");
    }
}

/// Three hundred bad answers of all kinds to three hundred invitations: each was sent exactly once.
#[tokio::test]
async fn an_invitation_is_sent_exactly_once() {
    let upstream = Upstream::answering(|_, n| match n % 10 {
        0 => refusal(500, "api_error", None),
        1 => half(),
        2 => "".into_response(),
        3 => "<html>please log in</html>".into_response(),
        4 => with_header(429, "retry-after", "1"),
        5 => with_header(307, "location", "/elsewhere"),
        6 => refusal(529, "overloaded_error", None),
        7 => ok(&user("user_1")),
        8 => with_header(503, "retry-after", "0"),
        _ => refusal(429, "rate_limit_error", None),
    })
    .await;
    let (_, writer, _) = upstream.client();
    for n in 0..300 {
        let error = failed(writer.invite("ada@example.com", &Role::User).await);
        assert_eq!(error.is_ambiguous(), !matches!(n % 10, 4 | 5 | 9), "{n}: {error}");
    }
    assert_eq!(upstream.count(), 300);

    let (url, count, task) = hanging_up_after(b"").await;
    let (_, writer) = connect(settings(&url), Arc::new(FakeTime::default())).unwrap();
    for _ in 0..50 {
        assert_eq!(failed(writer.invite("ada@example.com", &Role::User).await), Error::Cut);
    }
    assert_eq!(count.load(Ordering::SeqCst), 50);
    task.abort();
}

/// The second try was refused, but the first may have been applied: the caller must hear of both.
#[tokio::test]
async fn a_later_refusal_does_not_hide_an_earlier_doubt() {
    let upstream = Upstream::answering(|_, n| {
        if n == 0 { refusal(500, "api_error", None) } else { refusal(403, "permission_error", None) }
    })
    .await;
    let error = failed(upstream.client().1.set_role("user_1", &Role::User).await);
    assert!(matches!(error, Error::Unsettled(_)) && error.is_ambiguous() && error.is_forbidden(), "{error}");

    let upstream =
        Upstream::answering(|_, n| if n == 0 { half() } else { refusal(404, "not_found_error", None) }).await;
    assert_eq!(upstream.client().1.remove_user("user_1").await, Ok(Removal::NotFound));

    let upstream = Upstream::answering(|_, n| {
        if n == 0 { refusal(429, "rate_limit_error", None) } else { refusal(403, "permission_error", None) }
    })
    .await;
    let error = failed(upstream.client().1.set_role("user_1", &Role::User).await);
    assert!(matches!(error, Error::Refused(_)) && !error.is_ambiguous(), "nothing was in doubt: {error}");
}

#[tokio::test]
async fn nobody_there_is_no_doubt() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let time = Arc::new(FakeTime::default());
    let (reader, writer) = connect(settings(&url), Arc::clone(&time) as _).unwrap();
    let error = failed(writer.invite("ada@example.com", &Role::User).await);
    assert_eq!(error, Error::Unreachable);
    assert!(!error.is_ambiguous());
    assert!(time.slept().is_empty());
    assert_eq!(failed(reader.organization().await), Error::Unreachable);
    assert_eq!(time.slept().len(), 3);
}

fn impatient(url: &str) -> (Reader, Writer) {
    let settings = Settings { total_timeout: Duration::from_millis(150), ..settings(url) };
    connect(settings, Arc::new(FakeTime::default())).unwrap()
}

#[tokio::test]
async fn an_answer_that_never_comes_is_a_doubt() {
    let upstream = Upstream::answering_late(|_, _| std::future::pending::<Response>()).await;
    let (_, writer) = impatient(&upstream.url);
    let error = failed(writer.invite("ada@example.com", &Role::User).await);
    assert_eq!(error, Error::TimedOut);
    assert!(error.is_ambiguous());
    assert_eq!(upstream.count(), 1);

    let upstream = Upstream::answering(|_, _| {
        let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))]);
        Body::from_stream(futures_util::StreamExt::chain(first, stream::pending())).into_response()
    })
    .await;
    let error = failed(impatient(&upstream.url).1.invite("ada@example.com", &Role::User).await);
    assert_eq!(error, Error::TimedOut, "a body that trickles for ever");
}

#[tokio::test]
async fn a_cut_connection_is_a_doubt() {
    for bytes in [
        b"".as_slice(),
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"id\":",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"id\"",
        b"\x16\x03\x01 this is not HTTP\r\n\r\n",
    ] {
        let (url, count, task) = hanging_up_after(bytes).await;
        let (reader, writer) = connect(settings(&url), Arc::new(FakeTime::default())).unwrap();
        assert_eq!(failed(writer.invite("ada@example.com", &Role::User).await), Error::Cut);
        assert_eq!(count.load(Ordering::SeqCst), 1);
        assert_eq!(failed(reader.organization().await), Error::Cut);
        assert_eq!(count.load(Ordering::SeqCst), 5);
        task.abort();
    }
}

#[tokio::test]
async fn a_huge_answer_is_not_read() {
    let chunk = || Bytes::from(vec![b' '; 1 << 20]);
    let announced = Upstream::answering(move |_, _| Body::from(vec![b' '; 17 << 20]).into_response()).await;
    let endless = Upstream::answering(move |_, _| {
        Body::from_stream(stream::repeat_with(move || Ok::<_, std::io::Error>(chunk()))).into_response()
    })
    .await;
    for upstream in [announced, endless] {
        let (reader, writer, _) = upstream.client();
        assert_eq!(failed(reader.organization().await), Error::TooLarge);
        assert_eq!(upstream.count(), 1, "asking again would not make it smaller");
        assert!(failed(writer.invite("ada@example.com", &Role::User).await).is_ambiguous());
    }
}

//! The client for addresses from outside: hostile ones are not even connected to.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use serde_json::json;
use steward::outgoing::{AllowedHosts, Error, Outgoing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that counts who connects and answers each request with the same bytes.
struct Server {
    at: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (connections, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer.into()));
        let counted = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer_once(stream, answer.clone()));
            }
        });
        Self { at, connections }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn answer_once(mut stream: TcpStream, answer: Arc<Vec<u8>>) {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while !request.ends_with(b"}") {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&chunk[..read]),
        }
    }
    let _ = stream.write_all(&answer).await;
}

fn slack_only() -> Outgoing {
    Outgoing::new(AllowedHosts::slack_hooks()).unwrap()
}

fn slack_and_loopback() -> Outgoing {
    Outgoing::new(AllowedHosts::slack_hooks().and_loopback()).unwrap()
}

/// Hosts that are not Slack's, many of which some parser somewhere takes for Slack's, or for this machine's, or for a cloud's
/// metadata service.
#[rustfmt::skip]
const HOSTILE_HOSTS: [&str; 87] = [
    // Names that only look alike, and suffix tricks.
    "hooks.slack.com.evil.example", "hooks.slack.com.", "hooks.slack.com..", ".hooks.slack.com",
    "xhooks.slack.com", "hooks-slack.com", "slack.com", "files.slack.com", "a.hooks.slack.com",
    "hooks.slack.comm", "hooks.slack.co", "HOOKS.slack.com", "Hooks.Slack.Com", "hooks.slack.com.localhost",
    "hooks.slack.com.127.0.0.1.nip.example", "127.0.0.1.nip.example", "localtest.me", "localhost.evil.example",
    "127.0.0.1.evil.example", "xn--hooks-slack.com",
    // Unicode: full stops, wide letters, look-alikes, invisible letters.
    "hooks。slack。com", "hooks．slack．com", "ｈooks.slack.com", "hooks.slаck.com", "hooks.slack.com\u{200b}",
    "hooks.s\u{ad}lack.com", "hooks.ſlack.com", "ⓗooks.slack.com", "hooks.slack.\u{202e}moc", "①②⑦.0.0.1",
    "１２７.0.0.1", "127。0。0。1", "hooks.slack.com\u{ff0f}.evil.example", "hooks.slack.com\u{2100}.evil.example",
    // Encoded letters.
    "%68ooks.slack.com", "hooks%2eslack.com", "hooks.slack.com%00.evil.example",
    "hooks.slack.com%2f.evil.example", "hooks.slack.com%23.evil.example", "%31%32%37.0.0.1",
    "hooks.slack.com%0d%0a",
    // This machine, in decimal, octal, hexadecimal, short, mapped, scoped.
    "2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "0x7f.0.0.1", "0x7f.1", "127.1", "127.0.1", "0",
    "0.0.0.0", "127.0.0.2", "127.127.127.127", "127.0.0.1.", "127.000.000.001", "00000177.0.0.1", "4294967296",
    "0x17f000001", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0000::1]",
    "[::1%25lo]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "LOCALHOST", "localhost.", "localhost.localdomain",
    "ip6-localhost",
    // The machines next door.
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[fd00:ec2::254]",
    "[::ffff:169.254.169.254]", "metadata.google.internal", "10.0.0.1", "192.168.0.1", "172.16.0.1",
    "100.64.0.1", "[fe80::1]", "[fc00::1]", "1.1.1.1", "8.8.8.8", "224.0.0.1", "255.255.255.255",
];

/// Addresses whose trick is not in the host: who asks, which port, which scheme, which slash.
#[rustfmt::skip]
const MISSHAPEN: [&str; 66] = [
    "", " ", "/", "//", "//hooks.slack.com/x", "hooks.slack.com/x", "https:", "https:/", "https://",
    "https:///", "https:///hooks.slack.com/x", "https:/hooks.slack.com/x", "https:hooks.slack.com/x",
    "https:\\\\hooks.slack.com\\x", "https://hooks.slack.com\\@127.0.0.1/",
    "https://127.0.0.1\\@hooks.slack.com/", "https://hooks.slack.com\\.evil.example/",
    "https://user@hooks.slack.com/x", "https://user:word@hooks.slack.com/x", "https://@hooks.slack.com/x",
    "https://:@hooks.slack.com/x", "https://hooks.slack.com:@127.0.0.1/",
    "https://hooks.slack.com:443@127.0.0.1/", "https://hooks.slack.com:/x", "https://hooks.slack.com:80/x",
    "https://hooks.slack.com:8443/x", "https://hooks.slack.com:0443/x", "https://hooks.slack.com:443:443/x",
    "https://hooks.slack.com:65979/x", "https://hooks.slack.com:+443/x", "https://hooks.slack.com: 443/x",
    "https://hooks.slack.com:４４３/x", "http://hooks.slack.com/x", "http://hooks.slack.com:443/x",
    "HTTPS://hooks.slack.com/x", "hTTps://hooks.slack.com/x", " https://hooks.slack.com/x",
    "https://hooks.slack.com/x ", "\thttps://hooks.slack.com/x", "ht\ntps://hooks.slack.com/x",
    "https://hooks.sla\tck.com/x", "https://hooks.slack.com/\r\nHost: evil.example",
    "https://hooks.slack.com/\u{0}", "https://hooks.slack.com/ü", "https://hooks.slack.com /x",
    "https://;hooks.slack.com/", "https://hooks.slack.com;evil.example/",
    "https://hooks.slack.com,evil.example/", "https://hooks.slack.com|evil.example/",
    "https://hooks.slack.com&@evil.example/", "https://evil.example/https://hooks.slack.com/x",
    "https://evil.example?https://hooks.slack.com/", "https://evil.example#https://hooks.slack.com/",
    "https://[hooks.slack.com]/x", "https://(hooks.slack.com)/x", "https://hooks.slack.com%40evil.example/",
    "javascript://hooks.slack.com/%0aalert(1)", "data:text/plain,hooks.slack.com", "file:///etc/passwd",
    "file://hooks.slack.com/etc/passwd", "unix:///var/run/docker.sock", "about:blank",
    "blob:https://hooks.slack.com/x", "view-source:https://hooks.slack.com/x",
    "jar:https://hooks.slack.com/x!/", "https+unix://hooks.slack.com/",
];

/// Every hostile host in every kind of address, and the misshapen ones. Where a port is possible it is that of a listening
/// server.
fn hostile(port: u16) -> BTreeSet<String> {
    let mut urls = BTreeSet::new();
    for host in HOSTILE_HOSTS {
        for url in [
            format!("https://{host}/services/T0/B0/x"),
            format!("https://{host}:{port}/services"),
            format!("http://{host}:{port}/"),
            format!("https://hooks.slack.com@{host}:{port}/"),
            format!("https://{host}:443#@hooks.slack.com/"),
        ] {
            urls.insert(url);
        }
    }
    urls.extend(misshapen(port));
    urls
}

/// The misshapen addresses, and those of schemes that are not ours.
fn misshapen(port: u16) -> Vec<String> {
    let mut urls: Vec<String> = MISSHAPEN.map(str::to_owned).into();
    for scheme in
        ["ftp", "ftps", "ws", "wss", "gopher", "ldap", "dict", "tftp", "sftp", "ssh", "telnet", "smb", "git", "mailto"]
    {
        urls.push(format!("{scheme}://hooks.slack.com/x"));
        urls.push(format!("{scheme}://127.0.0.1:{port}/x"));
    }
    urls.push(format!("https://hooks.slack.com/{}", "x".repeat(5_000)));
    urls
}

#[tokio::test]
async fn hostile_addresses_are_not_connected_to() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let urls = hostile(server.at.port());
    assert!(urls.len() >= 500, "only {} addresses", urls.len());
    // Loopback open or closed: none of these is written as one of its three names.
    for client in [slack_only(), slack_and_loopback()] {
        for url in &urls {
            let refused = client.post_json(url, &json!({})).await.map(|answer| answer.status);
            assert_eq!(refused, Err(Error::NotAllowed), "{url:?}");
        }
    }
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{}/", server.at.port());
            assert_eq!(slack_only().post_json(&url, &json!({})).await.err(), Some(Error::NotAllowed), "{url}");
        }
    }
    assert_eq!(server.connections(), 0);
    // The server does listen.
    assert!(slack_and_loopback().post_json(&server.url("/"), &json!({})).await.unwrap().is_success());
    assert_eq!(server.connections(), 1);
}

#[test]
fn the_hosts_that_are_meant_are_let_through() {
    let allowed = AllowedHosts::slack_hooks().and("SIEM.example.com").and_loopback();
    for url in [
        "https://hooks.slack.com/commands/T0/1/x",
        "https://hooks.slack.com:443/x",
        "https://hooks.slack.com",
        "https://hooks.slack-gov.com/x?a=b#c",
        "https://siem.example.com/steward",
        "http://127.0.0.1:8080/x",
        "https://localhost/x",
        "http://[::1]:9/x",
    ] {
        assert!(allowed.check(url).is_ok(), "{url}");
    }
    let listed = AllowedHosts::none().and("10.0.0.1").and("[::1]").and("127.0.0.1").and("2130706433");
    for url in ["https://10.0.0.1/", "https://[::1]/", "https://127.0.0.1/", "https://2130706433/"] {
        assert_eq!(listed.check(url), Err(Error::NotAllowed), "an address is no name, even if listed: {url}");
    }
    assert_eq!(AllowedHosts::none().check("https://hooks.slack.com/"), Err(Error::NotAllowed));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let target = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    for status in [300, 301, 302, 303, 307, 308] {
        let answer = format!("HTTP/1.1 {status} X\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", target.url("/"));
        let server = Server::answering(answer).await;
        let got = slack_and_loopback().post_json(&server.url("/"), &json!({"secret": "CANARY"})).await;
        assert_eq!(got.err(), Some(Error::Redirected), "{status}");
        assert_eq!(server.connections(), 1);
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn an_answer_is_told_whatever_its_status() {
    for (status, success) in [(200, true), (204, true), (404, false), (500, false)] {
        let server = Server::answering(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n")).await;
        let answer = slack_and_loopback().post_json(&server.url("/"), &json!({})).await.unwrap();
        assert_eq!((answer.status, answer.is_success()), (status, success));
    }
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nCANARY").await;
    let answer = slack_and_loopback().post_json(&server.url("/"), &json!({})).await.unwrap();
    assert_eq!(answer.body, b"CANARY");
    assert_eq!(format!("{answer:?}"), "Answer { status: 200, body: 6 bytes }");
}

#[tokio::test]
async fn answers_are_read_up_to_a_size() {
    let full = 4 * 1024 * 1024;
    let framed = |size: usize| {
        let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n").into_bytes();
        answer.resize(answer.len() + size, b'x');
        answer
    };
    let server = Server::answering(framed(full)).await;
    assert_eq!(slack_and_loopback().post_json(&server.url("/"), &json!({})).await.unwrap().body.len(), full);
    let server = Server::answering(framed(full + 1)).await;
    assert_eq!(slack_and_loopback().post_json(&server.url("/"), &json!({})).await.err(), Some(Error::TooLarge));
    // Without a length, until the connection closes.
    let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    endless.resize(full * 2, b'x');
    let server = Server::answering(endless).await;
    assert_eq!(slack_and_loopback().post_json(&server.url("/"), &json!({})).await.err(), Some(Error::TooLarge));
}

#[tokio::test]
async fn failures_are_codes_without_the_address() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{closed}/CANARY?CANARY");
    let unreachable = slack_and_loopback().post_json(&url, &json!({})).await.unwrap_err();
    assert_eq!(unreachable, Error::Unreachable);

    let cut = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await;
    let broken = slack_and_loopback().post_json(&cut.url("/CANARY"), &json!({})).await.unwrap_err();
    assert_eq!(broken, Error::Broken);
    let nonsense = Server::answering("CANARY CANARY\r\n\r\n").await;
    let no_http = slack_and_loopback().post_json(&nonsense.url("/CANARY"), &json!({})).await.unwrap_err();
    assert_eq!(no_http, Error::Broken);

    let refused = slack_only().post_json("https://CANARY.example/", &json!({})).await.unwrap_err();
    for error in [unreachable, broken, no_http, refused, Error::TimedOut, Error::TooLarge, Error::Redirected] {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("CANARY") && !shown.contains("127.0.0.1"), "{shown}");
    }
}

proptest! {
    /// Whatever the text, what is let through goes to an allowed host, over TLS, on port 443.
    #[test]
    fn what_is_let_through_goes_where_it_says(text in r"(https?|HTTPS|ftp)?:?[/\\]{0,3}([a-z.@:%\[\]0-9#?/\\。-]{0,12}(hooks\.slack\.com)?){0,3}") {
        if let Ok(url) = AllowedHosts::slack_hooks().check(&text) {
            prop_assert_eq!((url.scheme(), url.host_str(), url.port_or_known_default()), ("https", Some("hooks.slack.com"), Some(443)));
            prop_assert!(url.username().is_empty() && url.password().is_none());
        }
    }
}

//! What a command costs in HTTP mode, against a bare handler that only verifies the signature: CPU time, latency, throughput.
//!
//! Each server has a thread and a runtime of its own, so its CPU time is that thread's, as the kernel counts it; who asks is
//! elsewhere, and asks with bytes made beforehand.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use tokio_util::sync::CancellationToken;

use crate::bench::{Engine, is_full, measured};
use crate::fake::slack::{SIGNING_SECRET, signature};
use crate::slack_company::Company;

/// Who asks, at a time.
const ASKERS: u32 = 4;
const RATE: u32 = 500;

/// A server on a thread of its own.
struct Server {
    host: String,
    request: Vec<u8>,
    thread: String,
    stop: CancellationToken,
}

/// Nanoseconds that a thread has run.
fn cpu(thread: &str) -> u64 {
    let told = std::fs::read_to_string(format!("/proc/self/task/{thread}/schedstat")).unwrap();
    told.split(' ').next().unwrap().parse().unwrap()
}

fn this_thread() -> String {
    let path = std::fs::read_link("/proc/thread-self").unwrap();
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

fn request(host: &str, stamp: i64, body: &str) -> Vec<u8> {
    let signature = signature(stamp, body);
    format!(
        "POST /slack/command HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         x-slack-request-timestamp: {stamp}\r\nx-slack-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn body(user: &str) -> String {
    format!(
        "token=verification&team_id=T1&team_domain=example&channel_id=C1&channel_name=general&user_id={user}\
         &user_name=mira&command=%2Fclaude&text=help&api_app_id=A1&is_enterprise_install=false\
         &response_url=http%3A%2F%2F127.0.0.1%2Fresponse%2F1&trigger_id=1.2.3"
    )
}

fn on_a_thread<F: Future<Output = ()>>(work: impl FnOnce(mpsc::Sender<Server>) -> F + Send + 'static) -> Server {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work(tell));
    });
    told.recv().unwrap()
}

fn ours() -> Server {
    on_a_thread(async |tell| {
        let (town, company) = Company::open(Engine::Sqlite).await;
        let mira = &company.users["mira"];
        company.fake.says(mira, &company.general, "/claude usage").await.acknowledged();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let host = company.base().trim_start_matches("http://").to_owned();
        let request = request(&host, town.clock.now().as_second(), &body(mira));
        let stop = CancellationToken::new();
        tell.send(Server { host, request, thread: this_thread(), stop: stop.clone() }).unwrap();
        stop.cancelled().await;
        town.close().await;
    })
}

async fn verify(headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SIGNING_SECRET.as_bytes()).unwrap();
    mac.update(b"v0:");
    mac.update(header("x-slack-request-timestamp").as_bytes());
    mac.update(b":");
    mac.update(&body);
    let claimed = header("x-slack-signature").trim_start_matches("v0=");
    let claimed = data_encoding::HEXLOWER.decode(claimed.as_bytes()).unwrap_or_default();
    if mac.verify_slice(&claimed).is_ok() { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
}

fn bare() -> Server {
    on_a_thread(async |tell| {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let request = request(&host, 1_800_000_000, &body("U1"));
        let stop = CancellationToken::new();
        tell.send(Server { host, request, thread: this_thread(), stop: stop.clone() }).unwrap();
        let router = axum::Router::new().route("/slack/command", axum::routing::post(verify));
        tokio::select! {
            served = axum::serve(listener, router) => served.unwrap(),
            () = stop.cancelled() => {}
        }
    })
}

/// One request and its whole answer.
fn ask(stream: &mut TcpStream, request: &[u8]) {
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    let mut part = [0; 8192];
    loop {
        let read = stream.read(&mut part).unwrap();
        assert!(read > 0, "the connection ended");
        answer.extend_from_slice(&part[..read]);
        let Some(end) = answer.windows(4).position(|it| it == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        let length =
            head.lines().find_map(|it| it.strip_prefix("content-length: ")).map_or(0, |it| it.parse().unwrap());
        if answer.len() >= end + 4 + length {
            return;
        }
    }
}

/// Asks for a while, paced or as fast as is answered; the times, sorted, and the CPU time of each answer in nanoseconds.
fn load(server: &Server, span: Duration, every: Option<Duration>) -> (Vec<Duration>, u64) {
    let before = cpu(&server.thread);
    let askers: Vec<_> = (0..ASKERS)
        .map(|_| {
            let (host, request) = (server.host.clone(), server.request.clone());
            std::thread::spawn(move || {
                let mut stream = TcpStream::connect(host).unwrap();
                stream.set_nodelay(true).unwrap();
                let (began, mut times) = (Instant::now(), Vec::new());
                while began.elapsed() < span {
                    let at = Instant::now();
                    ask(&mut stream, &request);
                    times.push(at.elapsed());
                    if let Some(every) = every {
                        std::thread::sleep(every.saturating_sub(at.elapsed()));
                    }
                }
                times
            })
        })
        .collect();
    let mut times: Vec<_> = askers.into_iter().flat_map(|it| it.join().unwrap()).collect();
    times.sort_unstable();
    let each = (cpu(&server.thread) - before) / u64::try_from(times.len()).unwrap();
    (times, each)
}

#[test]
#[ignore = "a measurement: tests/run --full"]
fn measure_help_over_http_against_a_bare_handler() {
    let (ours, bare) = (ours(), bare());
    let span = Duration::from_secs(if is_full() { 8 } else { 2 });
    let pace = Some(Duration::from_secs(1) * ASKERS / RATE);
    // Once for nothing, so that both are warm.
    for server in [&ours, &bare] {
        load(server, span / 8, None);
    }
    let (times, cost) = load(&ours, span, pace);
    let (_, bare_cost) = load(&bare, span, pace);
    let (fast, _) = load(&ours, span, None);
    let (bare_fast, _) = load(&bare, span, None);
    ours.stop.cancel();
    bare.stop.cancel();
    let p99 = times[times.len() * 99 / 100];
    let ratio = |one: u64, other: u64| one * 100 / other.max(1);
    let cost = ratio(cost, bare_cost);
    let throughput = ratio(fast.len() as u64, bare_fast.len() as u64);
    measured("Slack help over HTTP, CPU, % of a bare handler", cost, "170", cost <= 170);
    measured("Slack help over HTTP p99 at 500/s, us", p99.as_micros(), "2000", p99.as_millis() < 2);
    measured("Slack help over HTTP saturated, % of a bare handler", throughput, "35", throughput >= 35);
}

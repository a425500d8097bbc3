//! A database that lets nobody in says why, and soon.

use std::time::{Duration, Instant};

use steward::store::{Error, Store};
use tokio::net::TcpListener;
use url::Url;

use crate::bench::{Database, Engine, engines};
use crate::store_ground::key;

/// What is said within three seconds and a little.
async fn said_of(url: &str) -> Error {
    let begun = Instant::now();
    let error = Store::open(url, &key()).await.err().expect("nobody is let in");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    error
}

#[tokio::test]
async fn a_server_that_is_not_there_is_out_of_reach_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = said_of(&format!("postgres://steward:CANARY@{address}/steward")).await;
    assert!(matches!(error, Error::Unreachable), "{error}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let error = said_of(&format!("postgres://steward:CANARY@{address}/steward")).await;
    assert!(matches!(error, Error::Unreachable), "{error}");
    drop(listener);
}

#[tokio::test]
async fn a_server_says_what_is_wrong_with_the_address() {
    for engine in engines().into_iter().filter(|it| *it == Engine::Postgres) {
        let database = Database::fresh(engine).await;
        let changed = |change: fn(&mut Url)| {
            let mut url: Url = database.url.parse().unwrap();
            change(&mut url);
            url.to_string()
        };
        let wrong_password = changed(|it| it.set_password(Some("CANARY")).unwrap());
        let stranger = changed(|it| it.set_username("nobody_by_this_name").unwrap());
        let no_database = changed(|it| it.set_path("no_such_database"));
        for (url, said) in [
            (wrong_password, "the database does not accept this user or password"),
            (stranger, "the database does not accept this user or password"),
            (no_database, "the server has no database of this name"),
        ] {
            assert_eq!(said_of(&url).await.to_string(), said);
        }
    }
}

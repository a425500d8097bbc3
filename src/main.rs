//! The `steward` program.
fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    tracing_subscriber::fmt().with_env_filter("info,steward=debug").init();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        steward::cli::sandbox::sandbox(steward::cli::arguments::SandboxArgs {
            listen: "127.0.0.1:8080".parse().unwrap(),
            data: None,
            seed: 7,
        })
        .await
        .unwrap();
    });
}

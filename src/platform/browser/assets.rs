//! The page, compiled in. Plain files, no build step: what lies in `page/` is what a browser gets.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! page {
    ($($path:literal $kind:ident $file:literal,)*) => {
        [$(($path, $kind, include_str!(concat!("page/", $file))),)*]
    };
}

/// Path, type, content.
const ASSETS: &[(&str, &str, &str)] = &page![
    "/" HTML "index.html",
    "/page/style.css" CSS "style.css",
    "/page/content.css" CSS "content.css",
    "/page/bench.css" CSS "bench.css",
    "/page/icon.svg" SVG "icon.svg",
    "/page/theme.js" SCRIPT "theme.js",
    "/page/switcher.js" SCRIPT "switcher.js",
    "/page/main.js" SCRIPT "main.js",
    "/page/api.js" SCRIPT "api.js",
    "/page/dom.js" SCRIPT "dom.js",
    "/page/state.js" SCRIPT "state.js",
    "/page/sidebar.js" SCRIPT "sidebar.js",
    "/page/messages.js" SCRIPT "messages.js",
    "/page/blocks.js" SCRIPT "blocks.js",
    "/page/chart.js" SCRIPT "chart.js",
    "/page/composer.js" SCRIPT "composer.js",
    "/page/dialogs.js" SCRIPT "dialogs.js",
    "/page/home.js" SCRIPT "home.js",
    "/page/bench.js" SCRIPT "bench.js",
    "/page/panels.js" SCRIPT "panels.js",
];

pub(super) fn router() -> Router {
    ASSETS.iter().fold(Router::new(), |router, (path, kind, content)| {
        let asset = move || async move {
            // The files are small and change with the program: a page never runs against another version's server.
            ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "no-cache")], *content).into_response()
        };
        router.route(path, get(asset))
    })
}

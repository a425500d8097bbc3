"""Reads the usage report into SQLite and sums thirty days up, as somebody would without Steward.

    million.py ADDRESS ADMIN_KEY DATABASE TODAY HOURS_FROM DAYS_FROM

The times are in seconds since the epoch. Prints what came of it as JSON.
"""
import datetime
import json
import sqlite3
import sys
import time
import urllib.parse
import urllib.request

address, admin_key, path, today, hours_from, days_from = sys.argv[1:]
today, hours_from, days_from = int(today), int(hours_from), int(days_from)
GROUPS = ["api_key_id", "account_id", "service_account_id", "workspace_id", "model", "service_tier", "inference_geo", "context_window"]
UPSERT = (
    "INSERT INTO usage VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
    "ON CONFLICT (at, api_key, account, service_account, workspace, model, tier, geo, context) DO UPDATE SET "
    "input=excluded.input, cache_read=excluded.cache_read, cache_5m=excluded.cache_5m, cache_1h=excluded.cache_1h, "
    "output=excluded.output, searches=excluded.searches"
)


def moment(at):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def pages(width, limit, start, end):
    page = None
    while True:
        query = [("bucket_width", width), ("limit", limit), ("starting_at", moment(start)), ("ending_at", moment(end))]
        query += [("group_by[]", group) for group in GROUPS] + ([("page", page)] if page else [])
        request = urllib.request.Request(f"{address}/v1/organizations/usage_report/messages?{urllib.parse.urlencode(query)}")
        request.add_header("x-api-key", admin_key)
        request.add_header("anthropic-version", "2023-06-01")
        with urllib.request.urlopen(request) as answer:
            body = json.load(answer)
        yield body["data"]
        if not body["has_more"]:
            return
        page = body["next_page"]


database = sqlite3.connect(path)
database.execute("PRAGMA journal_mode=WAL")
database.execute("PRAGMA synchronous=NORMAL")
database.execute(
    "CREATE TABLE usage (at INTEGER, api_key TEXT, account TEXT, service_account TEXT, workspace TEXT, model TEXT, tier TEXT, "
    "geo TEXT, context TEXT, input INTEGER, cache_read INTEGER, cache_5m INTEGER, cache_1h INTEGER, output INTEGER, searches INTEGER, "
    "PRIMARY KEY (at, api_key, account, service_account, workspace, model, tier, geo, context))"
)
database.execute("CREATE TABLE api_key (id TEXT PRIMARY KEY, person TEXT)")
rows = 0
for span in [("1h", 24, hours_from, today), ("1d", 31, days_from, hours_from)]:
    for data in pages(*span):
        found = []
        for bucket in data:
            at = seconds(bucket["starting_at"])
            for it in bucket["results"]:
                made = it["cache_creation"]
                found.append(
                    [at]
                    + [it[group] or "" for group in GROUPS]
                    + [
                        it["uncached_input_tokens"],
                        it["cache_read_input_tokens"],
                        made["ephemeral_5m_input_tokens"],
                        made["ephemeral_1h_input_tokens"],
                        it["output_tokens"],
                        it["server_tool_use"]["web_search_requests"],
                    ]
                )
        with database:
            database.executemany(UPSERT, found)
        rows += len(found)
with database:
    database.execute("INSERT INTO api_key SELECT DISTINCT api_key, 'person of ' || api_key FROM usage")

SUM = "SUM(input + cache_read + cache_5m + cache_1h + output)"
since, total = today - 30 * 86400, 0
begun = time.perf_counter()
for by in ["model", "api_key", "person"]:
    tables = "usage JOIN api_key ON api_key.id = usage.api_key" if by == "person" else "usage"
    query = f"SELECT {by}, {SUM} FROM {tables} WHERE at >= ? AND at < ? GROUP BY {by}"
    total = sum(it[1] for it in database.execute(query, (since, today)))
summary_ms = (time.perf_counter() - begun) * 1000
database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
database.close()
print(json.dumps({"rows": rows, "tokens": total, "summary_ms": summary_ms}))

"""The world's tables."""

VERSION = 3
"""Stored as SQLite's `user_version`; a file of another version is set aside and seeded again."""

TABLES = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE COLLATE NOCASE,
    firstname TEXT NOT NULL, lastname TEXT NOT NULL,
    url TEXT, avatar TEXT NOT NULL, about TEXT NOT NULL, city TEXT NOT NULL, country TEXT NOT NULL, email TEXT NOT NULL,
    registered_at INTEGER NOT NULL, active_supporter INTEGER NOT NULL, hides_flattrs INTEGER NOT NULL,
    budget INTEGER NOT NULL);
CREATE TABLE things (
    id INTEGER PRIMARY KEY AUTOINCREMENT, owner INTEGER NOT NULL, url TEXT NOT NULL, title TEXT NOT NULL,
    description TEXT NOT NULL, tags TEXT NOT NULL, language TEXT NOT NULL, category TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL DEFAULT 0, hidden INTEGER NOT NULL DEFAULT 0, image TEXT NOT NULL DEFAULT '',
    flattrs INTEGER NOT NULL DEFAULT 0, flattrs_user_count INTEGER NOT NULL DEFAULT 0,
    last_flattr_at INTEGER NOT NULL DEFAULT 0);
CREATE TABLE flattrs (
    id INTEGER PRIMARY KEY, user INTEGER NOT NULL, thing INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE subscriptions (
    user INTEGER NOT NULL, thing INTEGER NOT NULL, active INTEGER NOT NULL, created_at INTEGER NOT NULL,
    started_at INTEGER NOT NULL, PRIMARY KEY (user, thing)) WITHOUT ROWID;
CREATE TABLE codes (code TEXT PRIMARY KEY, fields TEXT NOT NULL);
CREATE TABLE tokens (token TEXT PRIMARY KEY, username TEXT NOT NULL, client_id TEXT NOT NULL, scopes TEXT NOT NULL);
"""

INDEXES = """
CREATE UNIQUE INDEX things_by_url ON things (url);
CREATE INDEX things_by_owner ON things (owner, created_at DESC, id DESC);
CREATE INDEX flattrs_by_user ON flattrs (user, created_at DESC, id DESC);
CREATE INDEX flattrs_by_thing ON flattrs (thing, created_at DESC, id DESC);
CREATE INDEX flattrs_by_time ON flattrs (created_at);
CREATE VIRTUAL TABLE words USING fts5 (title, description, tags, owner,
    tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co M*'");
INSERT INTO words (rowid, title, description, tags, owner)
    SELECT t.id, t.title, t.description, t.tags, u.username || ' ' || u.firstname || ' ' || u.lastname
    FROM things t JOIN users u ON u.id = t.owner;
UPDATE things SET (flattrs, flattrs_user_count, last_flattr_at) =
    (SELECT count(*), count(DISTINCT user), coalesce(max(created_at), 0) FROM flattrs WHERE thing = things.id);
"""
"""Created after the rows, which is faster."""

COLLECT = """
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :scale)
INSERT INTO flattrs (user, thing, created_at)
SELECT :user, (SELECT id FROM numbered WHERE place = (i * 7919 + i / 2500) % :things),
    :start + i * :step / :scale FROM n
"""
"""Gives the user `collector` `:scale` flattrs, evenly spaced over `:step` seconds, oldest first."""

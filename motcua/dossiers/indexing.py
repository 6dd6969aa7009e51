"""What dossiers are found by, kept true: one SQL statement says what a row of the index is, for one dossier or all.

The verbs call :func:`refresh` when something searchable was written; ``motcua verify`` compares the index with the
same statement, and ``motcua reindex`` sets right what differs.
"""

from collections.abc import Iterable, Iterator, Sequence

from django.db import connection, transaction

# Names are folded where they are written (``name_folded``), codes here. A double that was merged is found by the
# numbers of the record it was merged into as well.
# ruff: noqa: S608
_NUMBERS = (("a", "id_number"), ("a", "phone"), ("s", "id_number"), ("s", "phone"), ("c", "id_number"),
            ("c", "phone"), ("m", "id_number"), ("m", "phone"))  # fmt: skip


def _number(table: str, column: str) -> str:
    bare = f"replace(replace(lower(COALESCE({table}.{column}, '')), '-', ''), '/', '')"
    return f"CASE WHEN COALESCE({table}.{column}, '') = '' THEN '' ELSE {bare} || '| ' END"


# What stands beside words in names without being of them: Công ty “Ánh Dương” is found by "anh duong".
MARKS = "\"'“”‘’«»()[]<>,;:!?"


def _bare(column: str) -> str:
    for mark in MARKS:
        quoted = mark.replace("'", "''")
        column = f"replace({column}, '{quoted}', ' ')"
    return column


_NAMES = "a.name_folded || ' ' || COALESCE(s.name_folded, '') || ' ' || COALESCE(c.name_folded, '')"
_WORDS = _bare(f"{_NAMES} || ' ' || v.name_folded")
_TEXT = (
    "' ' || lower(COALESCE(d.code, '')) || ' ' || lower(COALESCE(d.filing_code, '')) || ' ' || lower(d.external_code)"
    f" || ' ' || lower(p.code) || ' ' || {_WORDS} || ' '"
)
_WANTED = f"""
    SELECT d.id AS dossier_id, {_TEXT} AS text, {" || ".join(_number(t, c) for t, c in _NUMBERS)} AS numbers,
        d.unit_id AS unit, d.desk_unit_id AS desk_unit, d.holder_unit_id AS holder_unit
    FROM dossiers_dossier d
    JOIN parties_party a ON a.id = d.applicant_id
    LEFT JOIN parties_party m ON m.id = a.merged_into_id
    LEFT JOIN parties_party s ON s.id = d.submitter_id
    LEFT JOIN parties_party c ON c.id = d.collector_id
    JOIN procedures_procedureversion v ON v.id = d.procedure_version_id
    JOIN procedures_procedure p ON p.id = v.procedure_id
    WHERE {{where}}"""
_COLUMNS = ("text", "numbers", "unit", "desk_unit", "holder_unit")
# Rows that say the same already are left alone: nothing is written where nothing changed.
_UPSERT = (
    f"INSERT INTO dossiers_searchrow (dossier_id, {', '.join(_COLUMNS)}) {_WANTED} "
    f"ON CONFLICT (dossier_id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in _COLUMNS)} WHERE "
    + " OR ".join(f"dossiers_searchrow.{c} {{differs}} excluded.{c}" for c in _COLUMNS)
)
_MOST = 500


def _differs() -> str:
    """Not equal, where nothing equals nothing. (SQLite knows the standard's words since 3.39 only.)"""
    return "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"


def _upsert(where: str, parameters: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT.format(where=where, differs=_differs()), list(parameters))
        return max(cursor.rowcount, 0)


def refresh(dossiers: Iterable[int]) -> None:
    """Set the index right for these dossiers. One statement for each 500."""
    ids = sorted(set(dossiers))
    for start in range(0, len(ids), _MOST):
        some = ids[start : start + _MOST]
        _upsert(f"d.id IN ({', '.join(['%s'] * len(some))})", some)


def refresh_parties(parties: Iterable[int]) -> None:
    """The same for every dossier in which these people or organisations appear. One statement for each 500."""
    ids = sorted(set(parties))
    for start in range(0, len(ids), _MOST):
        some = ids[start : start + _MOST]
        listed = f"({', '.join(['%s'] * len(some))})"
        # Found by each foreign key's own index: an OR over joined tables would read them all.
        columns = ("applicant_id", "submitter_id", "collector_id")
        by_key = " UNION ".join(f"SELECT id FROM dossiers_dossier WHERE {c} IN {listed}" for c in columns)
        doubles = (
            "SELECT x.id FROM dossiers_dossier x JOIN parties_party y ON y.id = x.applicant_id "
            f"WHERE y.merged_into_id IN {listed}"
        )
        _upsert(f"d.id IN ({by_key} UNION {doubles})", some * 4)


def rebuild() -> int:
    """Set the whole index right; how many rows were wrong or missing. In stretches, so that the office goes on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MIN(id), 0), COALESCE(MAX(id), -1) FROM dossiers_dossier")
        first, last = cursor.fetchone()
    stretch, mended = 20_000, 0
    for start in range(first, last + 1, stretch):
        mended += _upsert("d.id >= %s AND d.id < %s", [start, start + stretch])
    if connection.vendor == "sqlite":
        # What triggers of this table feed is made anew, so that it cannot differ.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO dossiers_searchtext (dossiers_searchtext) VALUES ('rebuild')")
            cursor.execute("DELETE FROM dossiers_searchplace")
            cursor.execute(FILL_PLACES)
    return mended


def faults(limit: int = 20) -> Iterator[str]:
    """Dossiers the index says something else of, or nothing; one sentence each. Two statements."""
    differs = " OR ".join(f"r.{c} {_differs()} w.{c}" for c in _COLUMNS)
    sql = (
        "SELECT COALESCE(d.code, d.filing_code), r.dossier_id IS NULL FROM "
        f"({_WANTED.format(where='1 = 1')}) w JOIN dossiers_dossier d ON d.id = w.dossier_id "
        "LEFT JOIN dossiers_searchrow r ON r.dossier_id = w.dossier_id "
        f"WHERE r.dossier_id IS NULL OR {differs} LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [limit])
        for code, missing in cursor.fetchall():
            yield f"hồ sơ {code}: {'chưa có trong' if missing else 'khác'} chỉ mục tìm kiếm (chạy «motcua reindex»)"
        for name in missing_parts():
            yield f"chỉ mục tìm kiếm thiếu {name} (chạy «motcua migrate», rồi «motcua reindex»)"


TRIGGERS = (
    "dossiers_searchrow_added",
    "dossiers_searchrow_changed",
    "dossiers_searchrow_removed",
    "dossiers_searchrow_placed",
    "dossiers_searchrow_moved",
    "dossiers_searchrow_left",
)
# SQLite keeps the rows a second time, those of one place side by side: reading a commune's is then five times as fast
# as fetching them one by one from all over the table. A row stands there once for each of its units.
FILL_PLACES = (
    "INSERT OR IGNORE INTO dossiers_searchplace (unit, dossier_id, text, numbers) "
    "SELECT unit, dossier_id, text, numbers FROM dossiers_searchrow UNION ALL "
    "SELECT desk_unit, dossier_id, text, numbers FROM dossiers_searchrow WHERE desk_unit IS NOT NULL UNION ALL "
    "SELECT holder_unit, dossier_id, text, numbers FROM dossiers_searchrow WHERE holder_unit IS NOT NULL"
)
# Not OR IGNORE: inside a trigger the word of the statement that fired it counts instead, and that one is an upsert.
_PLACE = " ".join(
    f"INSERT INTO dossiers_searchplace (unit, dossier_id, text, numbers) "
    f"SELECT new.{column}, new.dossier_id, new.text, new.numbers WHERE new.{column} IS NOT NULL AND NOT EXISTS "
    f"(SELECT 1 FROM dossiers_searchplace p WHERE p.unit = new.{column} AND p.dossier_id = new.dossier_id);"
    for column in ("unit", "desk_unit", "holder_unit")
)
_LEAVE = (
    "DELETE FROM dossiers_searchplace WHERE dossier_id = old.dossier_id "
    "AND unit IN (old.unit, old.desk_unit, old.holder_unit);"
)
INDEXES = ("dossiers_search_tokens",)
LONGEST_TOKEN = 60
# PostgreSQL's index is over tokens: the words, the parts of codes from each hyphen on, the numbers read backwards, so
# that whatever is asked for is the beginning of a token. (Trigrams were tried there: the syllables of Vietnamese are so
# few that three common ones let a seventh of all rows through, and every one of those had to be read.)
TOKENS = "dossiers_search_tokens(r.text, r.numbers)"
_TOKENS_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION dossiers_search_tokens(texts text, numbers text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_to_tsvector(COALESCE(array_agg(DISTINCT left(token, {LONGEST_TOKEN})), ARRAY[]::text[]))
        FROM (
            SELECT word AS token FROM unnest(string_to_array(texts, ' ')) word
            UNION ALL
            SELECT substr(word, at) FROM unnest(string_to_array(texts, ' ')) word, generate_series(2, length(word)) at
            WHERE substr(word, at, 1) = '-'
            UNION ALL
            SELECT '~' || reverse(btrim(number)) FROM unnest(string_to_array(numbers, '|')) number
            WHERE btrim(number) <> ''
        ) tokens WHERE token <> ''
    $$"""


def missing_parts() -> list[str]:
    """Names of the triggers (SQLite) or indexes (PostgreSQL) that are not there. One statement."""
    wanted, sql = (
        (INDEXES, "SELECT indexname FROM pg_indexes WHERE tablename = 'dossiers_searchrow'")
        if connection.vendor == "postgresql"
        else (TRIGGERS, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        there = {row[0] for row in cursor.fetchall()}
    return sorted(set(wanted) - there)


def words_sql(vendor: str) -> list[str]:
    """The statements that make the index of words (for migrations; repeatable after a rebuild of the table)."""
    if vendor == "postgresql":
        return [
            "DROP INDEX IF EXISTS dossiers_search_text",
            "DROP INDEX IF EXISTS dossiers_search_numbers",
            _TOKENS_FUNCTION,
            # A short list of what is not sorted in yet: searches read all of it.
            "CREATE INDEX IF NOT EXISTS dossiers_search_tokens ON dossiers_searchrow "
            "USING gin (dossiers_search_tokens(text, numbers)) WITH (gin_pending_list_limit = 256)",
        ]
    gone = (
        "INSERT INTO dossiers_searchtext (dossiers_searchtext, rowid, text, numbers) "
        "VALUES ('delete', old.dossier_id, old.text, old.numbers);"
    )
    come = "INSERT INTO dossiers_searchtext (rowid, text, numbers) VALUES (new.dossier_id, new.text, new.numbers);"
    return [
        "CREATE VIRTUAL TABLE IF NOT EXISTS dossiers_searchtext USING fts5("
        "text, numbers, content='dossiers_searchrow', content_rowid='dossier_id', tokenize='trigram case_sensitive 1')",
        f"CREATE TRIGGER IF NOT EXISTS {TRIGGERS[0]} AFTER INSERT ON dossiers_searchrow BEGIN {come} END",
        f"CREATE TRIGGER IF NOT EXISTS {TRIGGERS[1]} AFTER UPDATE ON dossiers_searchrow "
        f"WHEN old.text <> new.text OR old.numbers <> new.numbers BEGIN {gone} {come} END",
        f"CREATE TRIGGER IF NOT EXISTS {TRIGGERS[2]} AFTER DELETE ON dossiers_searchrow BEGIN {gone} END",
        "CREATE TABLE IF NOT EXISTS dossiers_searchplace (unit integer NOT NULL, dossier_id bigint NOT NULL, "
        "text text NOT NULL, numbers text NOT NULL, PRIMARY KEY (unit, dossier_id)) WITHOUT ROWID",
        f"CREATE TRIGGER IF NOT EXISTS {TRIGGERS[3]} AFTER INSERT ON dossiers_searchrow BEGIN {_PLACE} END",
        f"CREATE TRIGGER IF NOT EXISTS {TRIGGERS[4]} AFTER UPDATE ON dossiers_searchrow BEGIN {_LEAVE} {_PLACE} END",
        f"CREATE TRIGGER IF NOT EXISTS {TRIGGERS[5]} AFTER DELETE ON dossiers_searchrow BEGIN {_LEAVE} END",
        FILL_PLACES,
    ]


def drop_words_sql(vendor: str) -> list[str]:
    """The reverse of :func:`words_sql`."""
    if vendor == "postgresql":
        gone = [f"DROP INDEX IF EXISTS {name}" for name in INDEXES]
        return [*gone, "DROP FUNCTION IF EXISTS dossiers_search_tokens(text, text)"]
    return [*(f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS), "DROP TABLE IF EXISTS dossiers_searchtext",
            "DROP TABLE IF EXISTS dossiers_searchplace"]  # fmt: skip

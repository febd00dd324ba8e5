import datetime
import decimal
import os
import threading
import uuid

import psycopg
from psycopg import errors
from psycopg.rows import dict_row
from psycopg.types.json import Json  # noqa: F401 (the module must load with our catalogs)
from checks import ERROR_TABLES, ERRORS, equal, run_all, test

SOCKET = dict(host=os.environ["AEGIS_SOCKET"], port=os.environ["AEGIS_PORT"], user="postgres", dbname="postgres")
TCP = dict(SOCKET, host="127.0.0.1", password=os.environ["AEGIS_PASSWORD"])


def connect(**options):
    return psycopg.connect(**dict(SOCKET, autocommit=True, **options))


VALUES = [
    ("bool", True), ("int2", -7), ("int4", 2**31 - 1), ("int8", -(2**63)), ("float4", 1.5), ("float8", 1e-300), ("numeric", decimal.Decimal("-12345678901234567890.12300")),
    ("numeric", decimal.Decimal("0.00001")), ("text", "é 'x' \\"), ("varchar", "v"), ("bytea", bytes(range(256))), ("date", datetime.date(1999, 12, 31)),
    ("time", datetime.time(23, 59, 59, 999999)), ("timestamp", datetime.datetime(2024, 2, 29, 1, 2, 3, 4)),
    ("timestamptz", datetime.datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=datetime.timezone.utc)),
    ("interval", datetime.timedelta(days=3, hours=4, microseconds=5)), ("uuid", uuid.UUID(int=2**127 + 5)),
    ("int4[]", [1, None, -3]), ("text[]", ["a", None, 'q"\\', ""]), ("numeric[]", [decimal.Decimal("1.50"), None]),
    ("timestamptz[]", [datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)]), ("float8[]", [[1.0, 2.0], [3.0, 4.0]]), ("oid", 4000000000),
]


@test
def connects_with_a_password():
    with psycopg.connect(**TCP) as connection:
        equal(connection.execute("select 1").fetchone(), (1,))


@test
def wrong_password():
    try:
        psycopg.connect(**dict(TCP, password="wrong"))
    except psycopg.OperationalError as error:
        assert "password authentication failed" in str(error), error
    else:
        raise AssertionError("connected")


@test
def values_in_text_and_binary():
    connection = connect()
    connection.execute("set timezone = 'UTC'")
    for binary in (False, True):
        cursor = connection.cursor(binary=binary)
        for type_name, value in VALUES:
            for place in ("%t", "%b"):
                cursor.execute("select %s::%s" % (place, type_name), [value])
                got = cursor.fetchone()[0]
                equal((type_name, place, binary, got), (type_name, place, binary, value))
                cursor.execute("select %s::%s is null" % (place, type_name), [None])
                equal(cursor.fetchone(), (True,))


@test
def prepared_statements():
    connection = connect(prepare_threshold=2)
    for i in range(30):
        equal(connection.execute("select %s::int + 1, %s::text", [i, "x"]).fetchone(), (i + 1, "x"))
    equal(connection.execute("select count(*) > 0 from pg_prepared_statements").fetchone(), (True,))
    connection.execute("create temp table prep (a int)")
    for i in range(10):
        connection.execute("insert into prep values (%s)", [i], prepare=True)
    connection.execute("alter table prep add b int default 1")
    equal(connection.execute("select sum(a), sum(b) from prep", prepare=True).fetchone(), (45, 10))
    connection.execute("deallocate all")


@test
def batches_and_pipelines():
    connection = connect()
    connection.execute("create temp table batch (id int primary key, v text)")
    with connection.cursor() as cursor:
        cursor.executemany("insert into batch values (%s, %s)", [(i, str(i)) for i in range(1000)])
        equal(cursor.rowcount, 1000)
        cursor.executemany("update batch set v = %s where id = %s returning id", [("u", i) for i in range(5)], returning=True)
        got = []
        while True:
            got.append(cursor.fetchone()[0])
            if not cursor.nextset():
                break
        equal(got, [0, 1, 2, 3, 4])
    with connection.pipeline() as pipeline:
        cursors = [connection.execute("select %s::int * 2", [i]) for i in range(100)]
        pipeline.sync()
        equal([c.fetchone()[0] for c in cursors], [i * 2 for i in range(100)])
    equal(connection.execute("select count(*) from batch where v = 'u'").fetchone(), (5,))


@test
def errors_in_a_pipeline():
    connection = connect()
    connection.execute("create temp table pipe (id int primary key)")
    try:
        with connection.pipeline():
            connection.execute("insert into pipe values (1)")
            connection.execute("insert into pipe values (1)")
            connection.execute("insert into pipe values (2)")
    except errors.UniqueViolation:
        pass
    else:
        raise AssertionError("no error")
    equal(connection.execute("select count(*) from pipe").fetchone(), (0,))


@test
def server_side_cursors():
    connection = psycopg.connect(**SOCKET)
    with connection.cursor("named") as cursor:
        cursor.itersize = 64
        cursor.execute("select g, 'row ' || g from generate_series(1, %s) g", [1000])
        equal(cursor.fetchmany(2), [(1, "row 1"), (2, "row 2")])
        equal(sum(row[0] for row in cursor), 500500 - 3)
    with connection.cursor("scrolls", scrollable=True) as cursor:
        cursor.execute("select g from generate_series(1, 10) g")
        cursor.scroll(7, mode="absolute")
        equal(cursor.fetchone(), (8,))
    connection.rollback()


@test
def streams_rows():
    connection = connect()
    equal(sum(row[0] for row in connection.cursor().stream("select g from generate_series(1, 5000) g")), 12502500)


@test
def copies():
    connection = psycopg.connect(**SOCKET)
    cursor = connection.cursor()
    cursor.execute("create temp table cp (id int, v text, n numeric, t timestamp)")
    rows = [(i, None if i % 7 == 0 else "v\t%d" % i, decimal.Decimal(i) / 8, datetime.datetime(2024, 1, 1) + datetime.timedelta(hours=i)) for i in range(3000)]
    with cursor.copy("copy cp from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    with cursor.copy("copy cp from stdin (format binary)") as copy:
        copy.set_types(["int4", "text", "numeric", "timestamp"])
        for row in rows:
            copy.write_row(row)
    cursor.execute("select count(*), count(distinct id), count(v) from cp")
    equal(cursor.fetchone(), (6000, 3000, 2 * len([r for r in rows if r[1] is not None])))
    for form in ("", " (format binary)"):
        with cursor.copy("copy (select distinct * from cp order by id) to stdout" + form) as copy:
            copy.set_types(["int4", "text", "numeric", "timestamp"])
            equal(list(copy.rows()), rows)
    try:
        with cursor.copy("copy cp from stdin") as copy:
            copy.write("1\tx\n")
    except errors.BadCopyFileFormat:
        pass
    else:
        raise AssertionError("copied")
    connection.rollback()
    try:
        with cursor.copy("copy pg_temp.cp from stdin") as copy:
            raise KeyError("mine")
    except (KeyError, psycopg.Error):
        pass
    connection.rollback()
    equal(connection.execute("select 1").fetchone(), (1,))


@test
def errors_have_their_sqlstate():
    connection = connect()
    connection.execute(ERROR_TABLES)
    for sql, code in ERRORS:
        for prepare in (False, True):
            try:
                connection.execute(sql, prepare=prepare)
            except psycopg.Error as error:
                equal((sql, error.sqlstate), (sql, code))
            else:
                raise AssertionError(sql + " did not fail")


@test
def transactions_and_savepoints():
    connection = connect()
    connection.execute("create temp table tx (id int primary key)")
    with connection.transaction():
        connection.execute("insert into tx values (1)")
        try:
            with connection.transaction():
                connection.execute("insert into tx values (2)")
                connection.execute("insert into tx values (1)")
        except errors.UniqueViolation:
            pass
        connection.execute("insert into tx values (3)")
        with connection.transaction(force_rollback=True):
            connection.execute("insert into tx values (4)")
    equal(connection.execute("select array_agg(id order by id) from tx").fetchone(), ([1, 3],))
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    with connection.transaction():
        equal(connection.execute("show transaction_isolation").fetchone(), ("repeatable read",))


@test
def describes_results():
    connection = connect()
    cursor = connection.cursor(row_factory=dict_row)
    cursor.execute("select 1 as a, 'x'::varchar(5) as b, null as c, now() as d")
    equal([(c.name, c.type_code) for c in cursor.description], [("a", 23), ("b", 1043), ("c", 25), ("d", 1184)])
    equal(list(cursor.fetchone())[:3], ["a", "b", "c"])


@test
def cancels():
    connection = connect()
    threading.Timer(0.2, connection.cancel).start()
    try:
        connection.execute("select pg_sleep(20)")
    except errors.QueryCanceled:
        pass
    else:
        raise AssertionError("not cancelled")
    equal(connection.execute("select 2").fetchone(), (2,))


@test
def looks_up_types():
    connection = connect()
    info = psycopg.types.TypeInfo.fetch(connection, "numeric")
    equal((info.name, info.oid, info.array_oid), ("numeric", 1700, 1231))


@test
def many_connections():
    connections = [connect() for _ in range(40)]
    for number, connection in enumerate(connections):
        equal(connection.execute("select %s::int", [number]).fetchone(), (number,))
    for connection in connections:
        connection.close()


run_all()

import datetime
import decimal
import io
import os
import threading
import time
import uuid

import psycopg2
import psycopg2.errors
import psycopg2.extras
from checks import ERROR_TABLES, ERRORS, equal, run_all, test

SOCKET = dict(host=os.environ["AEGIS_SOCKET"], port=os.environ["AEGIS_PORT"], user="postgres", dbname="postgres")
TCP = dict(SOCKET, host="127.0.0.1", password=os.environ["AEGIS_PASSWORD"])


def connect(autocommit=True, **options):
    connection = psycopg2.connect(**dict(SOCKET, **options))
    connection.autocommit = autocommit
    return connection


def query(sql, arguments=None, connection=None):
    cursor = (connection or connect()).cursor()
    cursor.execute(sql, arguments)
    return cursor.fetchall()


@test
def connects_with_a_password():
    equal(query("select current_user", connection=psycopg2.connect(**TCP)), [("postgres",)])


@test
def wrong_password():
    try:
        psycopg2.connect(**dict(TCP, password="wrong"))
    except psycopg2.OperationalError as error:
        assert "password authentication failed" in str(error), error
    else:
        raise AssertionError("connected")


@test
def unknown_database():
    try:
        connect(dbname="nosuch")
    except psycopg2.OperationalError as error:
        assert 'database "nosuch" does not exist' in str(error), error
    else:
        raise AssertionError("connected")


@test
def parameters_of_the_connection():
    connection = connect(application_name="drv", options="-c work_mem=8MB")
    equal(query("show application_name", connection=connection), [("drv",)])
    equal(query("show work_mem", connection=connection), [("8MB",)])
    assert connection.server_version >= 150000
    equal(connection.encoding, "UTF8")
    equal(connection.get_parameter_status("standard_conforming_strings"), "on")


@test
def values_there_and_back():
    values = [None, True, False, 0, -5, 2**31, 2**62, 1.5, float("inf"), decimal.Decimal("123.4500"), "text 'q' \\ é", "",
              datetime.date(2024, 2, 29), datetime.time(1, 2, 3, 4), datetime.datetime(2024, 1, 2, 3, 4, 5, 6),
              datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), datetime.timedelta(days=1, seconds=7)]
    equal(query("select " + ", ".join(["%s"] * len(values)), values), [tuple(values)])


@test
def bytes_uuids_and_arrays():
    psycopg2.extras.register_uuid()
    key = uuid.uuid4()
    row = query("select %s::bytea, %s::uuid, %s, %s::text[], %s::numeric[], array[[1, 2], [3, 4]], %s::date[]",
                (psycopg2.Binary(bytes(range(256))), key, [1, None, 3], ["a", 'q"', None, ""], [decimal.Decimal("1.10")], [datetime.date(2024, 1, 1)]))[0]
    equal(bytes(row[0]), bytes(range(256)))
    equal(row[1:], (key, [1, None, 3], ["a", 'q"', None, ""], [decimal.Decimal("1.10")], [[1, 2], [3, 4]], [datetime.date(2024, 1, 1)]))


@test
def descriptions_of_columns():
    cursor = connect().cursor()
    cursor.execute("select 1 as a, 'x'::varchar(7) as b, 1.5::numeric(8, 2) as c")
    equal([(c.name, c.type_code) for c in cursor.description], [("a", 23), ("b", 1043), ("c", 1700)])
    equal((cursor.description[1].internal_size, cursor.description[2].precision, cursor.description[2].scale), (7, 8, 2))


@test
def many_rows_and_batches():
    connection = connect(False)
    cursor = connection.cursor()
    cursor.execute("create temp table many (id int primary key, v text)")
    cursor.executemany("insert into many values (%s, %s)", [(i, str(i)) for i in range(50)])
    psycopg2.extras.execute_batch(cursor, "insert into many values (%s, %s)", [(i, str(i)) for i in range(50, 500)])
    psycopg2.extras.execute_values(cursor, "insert into many values %s", [(i, str(i)) for i in range(500, 3000)])
    cursor.execute("select count(*), sum(id), max(length(v)) from many")
    equal(cursor.fetchone(), (3000, 3000 * 2999 // 2, 4))
    cursor.execute("update many set v = 'x' where id < 10")
    equal((cursor.rowcount, cursor.statusmessage), (10, "UPDATE 10"))
    rows = psycopg2.extras.execute_values(cursor, "insert into many values %s returning id", [(i, "") for i in range(5000, 5300)], fetch=True)
    equal(len(rows), 300)
    connection.rollback()


@test
def server_side_cursors():
    connection = connect(False)
    cursor = connection.cursor("named")
    cursor.itersize = 100
    cursor.execute("select g from generate_series(1, 1050) g")
    equal(cursor.fetchmany(3), [(1,), (2,), (3,)])
    equal(sum(row[0] for row in cursor), 1050 * 1051 // 2 - 6)
    cursor.close()
    scroll = connection.cursor("scrolls", scrollable=True)
    scroll.execute("select g from generate_series(1, 10) g")
    scroll.scroll(5, mode="absolute")
    equal(scroll.fetchone(), (6,))
    scroll.scroll(-3)
    equal(scroll.fetchone(), (4,))
    connection.rollback()
    hold = connection.cursor("held", withhold=True)
    hold.execute("select g from generate_series(1, 5) g")
    connection.commit()
    equal(len(hold.fetchall()), 5)


@test
def prepared_by_hand():
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("prepare p (int, text) as select $1 * 2, $2 || '!'")
    for i in range(20):
        cursor.execute("execute p (%s, %s)", (i, "v%d" % i))
        equal(cursor.fetchone(), (i * 2, "v%d!" % i))


@test
def copies_text_and_csv():
    connection = connect(False)
    cursor = connection.cursor()
    cursor.execute("create temp table c (id int, v text, d date)")
    cursor.copy_from(io.StringIO("1\ta\\tb\t2024-01-01\n2\t\\N\t\\N\n"), "c")
    cursor.copy_expert("copy c from stdin csv header", io.StringIO('id,v,d\n3,"x, ""y""",\n4,,2024-05-05\n'))
    out = io.StringIO()
    cursor.copy_expert("copy (select * from c order by id) to stdout", out)
    equal(out.getvalue(), '1\ta\\tb\t2024-01-01\n2\t\\N\t\\N\n3\tx, "y"\t\\N\n4\t\\N\t2024-05-05\n')
    out = io.StringIO()
    cursor.copy_expert("copy (select * from c order by id) to stdout csv header", out)
    equal(out.getvalue(), 'id,v,d\n1,a\tb,2024-01-01\n2,,\n3,"x, ""y""",\n4,,2024-05-05\n')
    try:
        cursor.copy_from(io.StringIO("oops\tx\t2024-01-01\n"), "c")
    except psycopg2.errors.InvalidTextRepresentation as error:
        assert "COPY c, line 1, column id" in error.diag.context, error.diag.context
    else:
        raise AssertionError("copied")
    connection.rollback()


@test
def copies_binary():
    connection = connect(False)
    cursor = connection.cursor()
    cursor.execute("create temp table b (id int, v text, n numeric, t timestamptz, a int[], y bytea)")
    cursor.execute("insert into b select i, 'v' || i, i / 3.0, '2024-01-01'::timestamptz + i * interval '1 h', array[i, null], '\\x00ff' from generate_series(1, 2500) i")
    data = io.BytesIO()
    cursor.copy_expert("copy b to stdout (format binary)", data)
    assert data.getvalue().startswith(b"PGCOPY\n\xff\r\n\0")
    data.seek(0)
    cursor.execute("create temp table b2 (like b)")
    cursor.copy_expert("copy b2 from stdin (format binary)", data)
    equal(cursor.rowcount, 2500)
    cursor.execute("select count(*) from (select * from b except all select * from b2) x")
    equal(cursor.fetchone(), (0,))
    connection.rollback()


@test
def errors_have_their_sqlstate():
    connection = connect()
    connection.cursor().execute(ERROR_TABLES)
    for sql, code in ERRORS:
        try:
            connection.cursor().execute(sql)
        except psycopg2.Error as error:
            equal((sql, error.pgcode), (sql, code))
        else:
            raise AssertionError(sql + " did not fail")


@test
def errors_have_their_fields():
    connection = connect()
    connection.cursor().execute(ERROR_TABLES)
    try:
        connection.cursor().execute("insert into drv_err values (1, 'x')")
    except psycopg2.errors.UniqueViolation as error:
        equal((error.diag.severity, error.diag.table_name, error.diag.schema_name, error.diag.constraint_name, error.diag.message_detail),
              ("ERROR", "drv_err", "public", "drv_err_pkey", "Key (id)=(1) already exists."))
    try:
        connection.cursor().execute("select 1 +\n nosuch")
    except psycopg2.errors.UndefinedColumn as error:
        equal(error.diag.statement_position, "13")


@test
def transactions_and_savepoints():
    connection = connect(False)
    cursor = connection.cursor()
    cursor.execute("create temp table s (id int primary key)")
    connection.commit()
    cursor.execute("insert into s values (1); savepoint a; insert into s values (2); rollback to a; insert into s values (3)")
    connection.commit()
    equal(query("select id from s order by id", connection=connection), [(1,), (3,)])
    try:
        cursor.execute("insert into s values (1)")
    except psycopg2.IntegrityError:
        equal(connection.info.transaction_status, psycopg2.extensions.TRANSACTION_STATUS_INERROR)
        try:
            cursor.execute("select 1")
        except psycopg2.errors.InFailedSqlTransaction:
            pass
    connection.rollback()
    equal(connection.info.transaction_status, psycopg2.extensions.TRANSACTION_STATUS_IDLE)
    with connection:
        with connection.cursor() as inner:
            inner.execute("insert into s values (10)")
    equal(query("select count(*) from s", connection=connection), [(3,)])
    connection.rollback()
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    equal(query("show transaction_isolation", connection=connection), [("repeatable read",)])
    try:
        connection.cursor().execute("create table no (x int)")
    except psycopg2.errors.ReadOnlySqlTransaction:
        pass
    connection.rollback()


@test
def cancels():
    connection = connect()
    threading.Timer(0.2, connection.cancel).start()
    start = time.time()
    try:
        connection.cursor().execute("select pg_sleep(20)")
    except psycopg2.errors.QueryCanceled:
        assert time.time() - start < 5
    else:
        raise AssertionError("not cancelled")
    equal(query("select 1", connection=connection), [(1,)])


@test
def cancels_a_running_join():
    connection = connect()
    threading.Timer(0.3, connection.cancel).start()
    try:
        connection.cursor().execute("select count(*) from generate_series(1, 300000) a, generate_series(1, 300000) b where a + b = 7")
    except psycopg2.errors.QueryCanceled:
        return
    raise AssertionError("not cancelled")


@test
def notices_and_notifications():
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("drop table if exists nosuch_table")
    equal(connection.notices, ['NOTICE:  table "nosuch_table" does not exist, skipping\n'])
    cursor.execute("listen chan")
    query("select 1; notify chan, 'payload'; select 1", connection=connect())
    time.sleep(0.1)
    connection.poll()
    equal([(n.channel, n.payload) for n in connection.notifies], [("chan", "payload")])


run_all()

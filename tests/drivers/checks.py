"""Counting of checks, and what both Python drivers' tests share."""
import sys
import traceback

_tests = []


def test(function):
    _tests.append(function)
    return function


def run_all():
    failed = 0
    for function in _tests:
        try:
            function()
        except Exception:
            failed += 1
            print("FAILED %s" % function.__name__)
            traceback.print_exc(limit=4)
    print("%d passed, %d failed" % (len(_tests) - failed, failed))
    sys.exit(failed != 0)


def equal(got, wanted):
    assert got == wanted, "got %r, wanted %r" % (got, wanted)


# SQL and the SQLSTATE it must fail with.
ERRORS = [
    ("select 1/0", "22012"), ("select nosuch", "42703"), ("select * from nosuch", "42P01"), ("selec 1", "42601"),
    ("select nosuch()", "42883"), ("insert into drv_err values (1, 'x')", "23505"), ("insert into drv_err values (2, null)", "23502"),
    ("insert into drv_err values (-1, 'x')", "23514"), ("insert into drv_ref values (9)", "23503"), ("select 'x'::int", "22P02"),
    ("select 99999999999::int", "22003"), ("create table drv_err (a int)", "42P07"), ("select '2024-13-01'::date", "22008"),
    ("drop table drv_err", "2BP01"), ("select (select 1 union select 2)", "21000"), ("set nosuch = 1", "42704"),
    ("insert into drv_err (id) values (1, 2)", "42601"), ("select a, count(*) from (select 1 as a) x", "42803"),
]
ERROR_TABLES = """drop table if exists drv_ref, drv_err; create table drv_err (id int primary key check (id > 0), v text not null);
insert into drv_err values (1, 'one'); create table drv_ref (id int references drv_err);"""

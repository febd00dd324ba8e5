import java.io.*;
import java.math.BigDecimal;
import java.sql.*;
import java.time.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** Asserts what pgjdbc programs rely on. The last line is "N passed, N failed". */
public class JdbcTest {
  interface Body { void run(Connection connection) throws Exception; }
  static int passed, failed;

  static Connection connect(String... options) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("password", System.getenv("AEGIS_PASSWORD"));
    for (int i = 0; i < options.length; i += 2) properties.setProperty(options[i], options[i + 1]);
    return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + System.getenv("AEGIS_PORT") + "/postgres", properties);
  }

  static void test(String name, Body body, String... options) {
    try (Connection connection = connect(options)) {
      body.run(connection);
      passed++;
    } catch (Throwable error) {
      failed++;
      System.out.println("FAILED " + name + ": " + error);
      for (int i = 0; i < Math.min(4, error.getStackTrace().length); i++) System.out.println("  at " + error.getStackTrace()[i]);
    }
  }

  static void equal(Object got, Object wanted) {
    if (!Objects.equals(got, wanted)) throw new AssertionError("got " + got + ", wanted " + wanted);
  }

  static String state(Connection c, String sql) {
    try (Statement s = c.createStatement()) {
      s.execute(sql);
      return "none";
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }

  static Object one(Connection c, String sql) throws SQLException {
    try (Statement s = c.createStatement(); ResultSet r = s.executeQuery(sql)) {
      r.next();
      return r.getObject(1);
    }
  }

  public static void main(String[] arguments) throws Exception {
    test("version", c -> {
      DatabaseMetaData meta = c.getMetaData();
      equal(meta.getDatabaseProductName(), "PostgreSQL");
      equal(meta.getDatabaseMajorVersion(), 15);
    });
    for (String mode : new String[] {"extended", "extendedForPrepared", "extendedCacheEverything"}) {
      test("values in mode " + mode, c -> values(c), "preferQueryMode", mode);
    }
    test("mode simple", c -> {
      try (PreparedStatement p = c.prepareStatement("select ?::int + 1, ?::text, ?::numeric")) {
        p.setInt(1, -5);
        p.setString(2, "it's \\");
        p.setBigDecimal(3, new BigDecimal("1.50"));
        try (ResultSet r = p.executeQuery()) {
          r.next();
          equal(r.getInt(1) + r.getString(2) + r.getBigDecimal(3), "-4it's \\1.50");
        }
      }
    }, "preferQueryMode", "simple");
    test("values, always binary", c -> values(c), "prepareThreshold", "-1", "binaryTransfer", "true");
    test("values, never binary", c -> values(c), "binaryTransfer", "false");
    test("prepared many times", c -> {
      try (PreparedStatement p = c.prepareStatement("select ? + 1, ? || 'x'")) {
        for (int i = 0; i < 30; i++) {
          p.setInt(1, i);
          p.setString(2, "v" + i);
          try (ResultSet r = p.executeQuery()) {
            r.next();
            equal(r.getInt(1), i + 1);
            equal(r.getString(2), "v" + i + "x");
          }
        }
      }
    });
    test("batches", c -> batches(c));
    test("batches rewritten", c -> batches(c), "reWriteBatchedInserts", "true");
    test("a batch that fails", c -> {
      c.createStatement().execute("create temp table bf (id int primary key)");
      try (PreparedStatement p = c.prepareStatement("insert into bf values (?)")) {
        for (int i : new int[] {1, 2, 1, 3}) {
          p.setInt(1, i);
          p.addBatch();
        }
        try {
          p.executeBatch();
          throw new AssertionError("no error");
        } catch (BatchUpdateException e) {
          equal(e.getSQLState(), "23505");
        }
      }
    });
    test("fetch size", c -> {
      c.setAutoCommit(false);
      try (Statement s = c.createStatement()) {
        s.setFetchSize(77);
        try (ResultSet r = s.executeQuery("select g from generate_series(1, 5000) g")) {
          long sum = 0;
          while (r.next()) sum += r.getInt(1);
          equal(sum, 12502500L);
        }
      }
      c.rollback();
    });
    test("scrollable and updatable results", c -> {
      c.createStatement().execute("create temp table upd (id int primary key, v text)");
      c.createStatement().execute("insert into upd select g, 'v' || g from generate_series(1, 5) g");
      try (Statement s = c.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
           ResultSet r = s.executeQuery("select id, v from upd order by id")) {
        r.absolute(3);
        equal(r.getString(2), "v3");
        r.updateString(2, "changed");
        r.updateRow();
        r.last();
        equal(r.getRow(), 5);
        r.moveToInsertRow();
        r.updateInt(1, 9);
        r.updateString(2, "new");
        r.insertRow();
      }
      equal(one(c, "select v from upd where id = 3"), "changed");
      equal(one(c, "select count(*) from upd"), 6L);
    });
    test("generated keys", c -> {
      c.createStatement().execute("create temp table gk (id serial primary key, v text)");
      try (PreparedStatement p = c.prepareStatement("insert into gk (v) values (?)", Statement.RETURN_GENERATED_KEYS)) {
        p.setString(1, "x");
        equal(p.executeUpdate(), 1);
        try (ResultSet r = p.getGeneratedKeys()) {
          r.next();
          equal(r.getInt("id"), 1);
        }
      }
    });
    test("copy", c -> {
      c.createStatement().execute("create temp table cp (id int, v text)");
      CopyManager copy = c.unwrap(PGConnection.class).getCopyAPI();
      equal(copy.copyIn("copy cp from stdin csv", new StringReader("1,a\n2,\"b,c\"\n")), 2L);
      StringWriter out = new StringWriter();
      copy.copyOut("copy (select * from cp order by id) to stdout", out);
      equal(out.toString(), "1\ta\n2\tb,c\n");
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      copy.copyOut("copy cp to stdout (format binary)", bytes);
      equal(copy.copyIn("copy cp from stdin (format binary)", new ByteArrayInputStream(bytes.toByteArray())), 2L);
    });
    test("errors", c -> {
      c.createStatement().execute("drop table if exists jd_ref, jd_err");
      c.createStatement().execute("create table jd_err (id int primary key check (id > 0), v text not null)");
      c.createStatement().execute("insert into jd_err values (1, 'one')");
      c.createStatement().execute("create table jd_ref (id int references jd_err)");
      String[][] cases = {{"select 1/0", "22012"}, {"select nosuch", "42703"}, {"select * from nosuch", "42P01"}, {"selec 1", "42601"},
          {"select nosuch()", "42883"}, {"insert into jd_err values (1, 'x')", "23505"}, {"insert into jd_err values (2, null)", "23502"},
          {"insert into jd_err values (-1, 'x')", "23514"}, {"insert into jd_ref values (9)", "23503"}, {"select 'x'::int", "22P02"},
          {"select 99999999999::int", "22003"}, {"create table jd_err (a int)", "42P07"}, {"drop table jd_err", "2BP01"}};
      for (String[] pair : cases) equal(pair[0] + state(c, pair[0]), pair[0] + pair[1]);
    });
    test("transactions and savepoints", c -> {
      c.createStatement().execute("create temp table tx (id int primary key)");
      c.setAutoCommit(false);
      Statement s = c.createStatement();
      s.execute("insert into tx values (1)");
      Savepoint point = c.setSavepoint("p");
      s.execute("insert into tx values (2)");
      equal(state(c, "insert into tx values (1)"), "23505");
      equal(state(c, "select 1"), "25P02");
      c.rollback(point);
      s.execute("insert into tx values (3)");
      c.commit();
      s.execute("delete from tx");
      c.rollback();
      equal(one(c, "select count(*) from tx"), 2L);
      c.commit();
      c.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      equal(one(c, "show transaction_isolation"), "repeatable read");
      c.commit();
      c.setReadOnly(true);
      equal(state(c, "create table no (x int)"), "25006");
      c.rollback();
    });
    test("autosave", c -> {
      c.setAutoCommit(false);
      equal(one(c, "select 1"), 1);
      equal(state(c, "select nosuch"), "42703");
      equal(one(c, "select 2"), 2);
      c.rollback();
    }, "autosave", "always");
    test("cancel and timeout", c -> {
      try (Statement s = c.createStatement()) {
        s.setQueryTimeout(1);
        long start = System.currentTimeMillis();
        try {
          s.execute("select pg_sleep(20)");
          throw new AssertionError("no timeout");
        } catch (SQLException e) {
          equal(e.getSQLState(), "57014");
        }
        if (System.currentTimeMillis() - start > 8000) throw new AssertionError("late");
      }
    });
    test("multiple results", c -> {
      try (Statement s = c.createStatement()) {
        equal(s.execute("select 1; select 2"), true);
        equal(s.getMoreResults(), true);
        s.getResultSet().next();
        equal(s.getMoreResults(), false);
      }
    });
    test("metadata", c -> metadata(c));
    test("statement metadata", c -> {
      try (PreparedStatement p = c.prepareStatement("select ?::int as a, 'x'::varchar(9) as b, 1.5::numeric(7, 3) as n")) {
        equal(p.getParameterMetaData().getParameterTypeName(1), "int4");
        ResultSetMetaData m = p.getMetaData();
        equal(m.getColumnCount(), 3);
        equal(m.getColumnLabel(2) + m.getColumnDisplaySize(2) + m.getColumnTypeName(2), "b9varchar");
        equal(m.getPrecision(3) + "," + m.getScale(3), "7,3");
      }
      c.createStatement().execute("create temp table rm (id serial primary key, v text not null)");
      try (ResultSet r = c.createStatement().executeQuery("select id, v from rm")) {
        ResultSetMetaData m = r.getMetaData();
        equal(m.isAutoIncrement(1), true);
        equal(m.isNullable(2), ResultSetMetaData.columnNoNulls);
        equal(m.getTableName(1) + "." + m.getColumnName(2), "rm.v");
      }
    });
    test("wrong password", c -> {
      try {
        connect("password", "wrong");
        throw new AssertionError("connected");
      } catch (SQLException e) {
        equal(e.getSQLState(), "28P01");
      }
    });
    System.out.println(passed + " passed, " + failed + " failed");
    System.exit(failed == 0 ? 0 : 1);
  }

  static void values(Connection c) throws Exception {
    String sql = "select ?::bool, ?::int2, ?::int4, ?::int8, ?::float4, ?::float8, ?::numeric, ?::text, ?::bytea, ?::date, ?::time, "
        + "?::timestamp, ?::timestamptz, ?::uuid, ?::int4[], ?::text[], ?::int";
    UUID uuid = UUID.fromString("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    OffsetDateTime moment = OffsetDateTime.of(2024, 2, 29, 1, 2, 3, 456000, ZoneOffset.UTC);
    try (PreparedStatement p = c.prepareStatement(sql)) {
      for (int round = 0; round < 7; round++) {
        p.setBoolean(1, true);
        p.setShort(2, (short) -3);
        p.setInt(3, Integer.MAX_VALUE);
        p.setLong(4, Long.MIN_VALUE);
        p.setFloat(5, 1.25f);
        p.setDouble(6, 1e-200);
        p.setBigDecimal(7, new BigDecimal("-12345678901234567890.5000"));
        p.setString(8, "é 'x' \\");
        p.setBytes(9, new byte[] {0, 1, (byte) 255});
        p.setObject(10, LocalDate.of(1999, 12, 31));
        p.setObject(11, LocalTime.of(23, 59, 59));
        p.setObject(12, LocalDateTime.of(2024, 1, 2, 3, 4, 5));
        p.setObject(13, moment);
        p.setObject(14, uuid);
        p.setArray(15, c.createArrayOf("int4", new Integer[] {1, null, 3}));
        p.setArray(16, c.createArrayOf("text", new String[] {"a", "q\"", null, ""}));
        p.setNull(17, Types.INTEGER);
        try (ResultSet r = p.executeQuery()) {
          r.next();
          equal(r.getBoolean(1), true);
          equal(r.getShort(2), (short) -3);
          equal(r.getInt(3), Integer.MAX_VALUE);
          equal(r.getLong(4), Long.MIN_VALUE);
          equal(r.getFloat(5), 1.25f);
          equal(r.getDouble(6), 1e-200);
          equal(r.getBigDecimal(7), new BigDecimal("-12345678901234567890.5000"));
          equal(r.getString(8), "é 'x' \\");
          equal(Arrays.toString(r.getBytes(9)), "[0, 1, -1]");
          equal(r.getObject(10, LocalDate.class), LocalDate.of(1999, 12, 31));
          equal(r.getObject(11, LocalTime.class), LocalTime.of(23, 59, 59));
          equal(r.getObject(12, LocalDateTime.class), LocalDateTime.of(2024, 1, 2, 3, 4, 5));
          equal(r.getObject(13, OffsetDateTime.class).toInstant(), moment.toInstant());
          equal(r.getObject(14), uuid);
          equal(Arrays.toString((Object[]) r.getArray(15).getArray()), "[1, null, 3]");
          equal(Arrays.toString((Object[]) r.getArray(16).getArray()), "[a, q\", null, ]");
          r.getInt(17);
          equal(r.wasNull(), true);
        }
      }
    }
  }

  static void batches(Connection c) throws Exception {
    c.createStatement().execute("create temp table ba (id int primary key, v text)");
    try (PreparedStatement p = c.prepareStatement("insert into ba values (?, ?)")) {
      for (int i = 0; i < 1000; i++) {
        p.setInt(1, i);
        p.setString(2, "v" + i);
        p.addBatch();
      }
      equal(p.executeBatch().length, 1000);
    }
    equal(one(c, "select count(*) from ba"), 1000L);
    try (Statement s = c.createStatement()) {
      s.addBatch("update ba set v = 'x' where id < 10");
      s.addBatch("delete from ba where id >= 500");
      equal(Arrays.toString(s.executeBatch()), "[10, 500]");
    }
  }

  static void metadata(Connection c) throws Exception {
    Statement s = c.createStatement();
    s.execute("drop table if exists md_child, md_parent cascade");
    s.execute("create table md_parent (id serial primary key, name varchar(20) not null default 'n', n numeric(10, 2))");
    s.execute("create table md_child (a int, b int references md_parent on delete cascade, constraint md_child_pk primary key (a, b))");
    s.execute("create unique index md_name on md_parent (name)");
    s.execute("create view md_view as select id from md_parent");
    s.execute("comment on table md_parent is 'remark'");
    DatabaseMetaData m = c.getMetaData();
    equal(column(m.getTables(null, "public", "md\\_%", new String[] {"TABLE", "VIEW"}), "TABLE_NAME"), "[md_child, md_parent, md_view]");
    equal(column(m.getTables(null, "public", "md_parent", null), "REMARKS"), "[remark]");
    equal(column(m.getColumns(null, "public", "md_parent", null), "COLUMN_NAME"), "[id, name, n]");
    equal(column(m.getColumns(null, "public", "md_parent", null), "TYPE_NAME"), "[serial, varchar, numeric]");
    equal(column(m.getColumns(null, "public", "md_parent", null), "COLUMN_SIZE"), "[10, 20, 10]");
    equal(column(m.getColumns(null, "public", "md_parent", null), "IS_NULLABLE"), "[NO, NO, YES]");
    equal(column(m.getPrimaryKeys(null, "public", "md_child"), "COLUMN_NAME"), "[a, b]");
    equal(column(m.getImportedKeys(null, "public", "md_child"), "PKTABLE_NAME"), "[md_parent]");
    equal(column(m.getExportedKeys(null, "public", "md_parent"), "FKCOLUMN_NAME"), "[b]");
    equal(column(m.getIndexInfo(null, "public", "md_parent", true, false), "INDEX_NAME"), "[md_name, md_parent_pkey]");
    column(m.getSchemas(), "TABLE_SCHEM");
    column(m.getCatalogs(), "TABLE_CAT");
    column(m.getTableTypes(), "TABLE_TYPE");
    column(m.getTypeInfo(), "TYPE_NAME");
    column(m.getProcedures(null, null, "%"), "PROCEDURE_NAME");
    column(m.getFunctions(null, "pg_catalog", "upper"), "FUNCTION_NAME");
    column(m.getFunctionColumns(null, "pg_catalog", "upper", null), "COLUMN_NAME");
    column(m.getBestRowIdentifier(null, "public", "md_parent", 0, true), "COLUMN_NAME");
    column(m.getTablePrivileges(null, "public", "md_parent"), "GRANTEE");
    column(m.getColumnPrivileges(null, "public", "md_parent", "%"), "GRANTEE");
    column(m.getUDTs(null, null, "%", null), "TYPE_NAME");
    column(m.getVersionColumns(null, "public", "md_parent"), "COLUMN_NAME");
    column(m.getClientInfoProperties(), "NAME");
    s.execute("drop table md_child, md_parent cascade");
  }

  static String column(ResultSet rows, String name) throws SQLException {
    List<String> values = new ArrayList<>();
    while (rows.next()) values.add(rows.getString(name));
    return values.toString();
  }
}

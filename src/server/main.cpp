// The command line.
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "aegis/base/error.h"
#include "data_directory.h"
#include "inspection.h"
#include "wiring.h"

namespace {

using namespace aegis;

constexpr const char* kUsage = R"(AegisDB is an SQL database server that PostgreSQL's clients can use.

Usage:
  aegis serve -D DIR [options]   serve the database in DIR (made if it is absent or empty)
  aegis init -D DIR [options]    make a database
  aegis verify -D DIR            check every checksum of the database in DIR, and indexes against tables; no server may run
  aegis inspect KIND FILE        show what a file has; KIND is wal, segment, sst or manifest
  aegis version                  print the version

Options of serve:
  -D DIR          the data directory; ":memory:" keeps everything in memory
  -p PORT         the port (5432)
  -h ADDRESSES    addresses to listen on, separated by commas (127.0.0.1; "*" is all)
  -k DIRECTORY    where the Unix socket is made
  -c NAME=VALUE   a setting, as in aegis.conf; may be given often

Options of init:
  -D DIR          the data directory
  -U NAME         the superuser (postgres)
  --auth METHOD   how clients prove who they are: trust, peer, scram-sha-256 (peer on the Unix socket, else scram-sha-256)
  --pwfile FILE   a file whose first line is the superuser's password

Connect with: psql -h 127.0.0.1 -p 5432 -U postgres
)";

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "aegis: %s\nTry \"aegis --help\".\n", message.c_str());
  std::exit(2);
}

// Reads "-x VALUE", "-xVALUE", "--name VALUE" and "--name=VALUE".
class Arguments {
 public:
  Arguments(int argc, char** argv) : words_(argv + 2, argv + argc) {}
  bool next() {
    if (at_ >= words_.size()) return false;
    std::string word = words_[at_++];
    if (word.starts_with("--")) {
      size_t equals = word.find('=');
      name = word.substr(0, equals);
      has_value_ = equals != std::string::npos;
      value_ = has_value_ ? word.substr(equals + 1) : "";
    } else if (word.size() >= 2 && word[0] == '-') {
      name = word.substr(0, 2);
      has_value_ = word.size() > 2;
      value_ = word.substr(2);
    } else {
      fail(fmt::format("unexpected argument \"{}\"", word));
    }
    return true;
  }
  std::string value() {
    if (has_value_) return value_;
    if (at_ >= words_.size()) fail(fmt::format("option {} needs a value", name));
    return words_[at_++];
  }
  std::string name;

 private:
  std::vector<std::string> words_;
  size_t at_ = 0;
  bool has_value_ = false;
  std::string value_;
};

int run_init(Arguments arguments) {
  std::string directory;
  server::InitOptions options;
  while (arguments.next()) {
    if (arguments.name == "-D") {
      directory = arguments.value();
    } else if (arguments.name == "-U") {
      options.user = arguments.value();
    } else if (arguments.name == "--auth" || arguments.name == "-A") {
      options.auth = arguments.value();
      if (options.auth != "trust" && options.auth != "peer" && options.auth != "scram-sha-256" && options.auth != "reject") {
        fail(fmt::format("unknown authentication method \"{}\"", options.auth));
      }
    } else if (arguments.name == "--pwfile") {
      std::ifstream file(arguments.value());
      if (!std::getline(file, options.password)) fail("could not read the password file");
    } else {
      fail(fmt::format("unknown option {}", arguments.name));
    }
  }
  if (directory.empty()) fail("no data directory given (-D)");
  auto files = os::make_local_file_system();
  server::initialise(*files, directory, options);
  std::printf("Success. You can now start the database server using:\n\n    aegis serve -D %s\n\n", directory.c_str());
  return 0;
}

int run_verify(Arguments arguments) {
  std::string directory;
  while (arguments.next()) {
    if (arguments.name != "-D") fail(fmt::format("unknown option {}", arguments.name));
    directory = arguments.value();
  }
  if (directory.empty()) fail("no data directory given (-D)");
  return server::verify(directory);
}

int run_serve(Arguments arguments) {
  server::ServeOptions options;
  while (arguments.next()) {
    if (arguments.name == "-D") {
      options.directory = arguments.value();
    } else if (arguments.name == "-p") {
      options.settings.emplace_back("port", arguments.value());
    } else if (arguments.name == "-h") {
      options.settings.emplace_back("listen_addresses", arguments.value());
    } else if (arguments.name == "-k") {
      options.settings.emplace_back("unix_socket_directories", arguments.value());
    } else if (arguments.name == "-c") {
      std::string assignment = arguments.value();
      size_t equals = assignment.find('=');
      if (equals == std::string::npos) fail(fmt::format("-c {} needs the form name=value", assignment));
      options.settings.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
    } else {
      fail(fmt::format("unknown option {}", arguments.name));
    }
  }
  if (options.directory.empty()) fail("no data directory given (-D)");
  return server::serve(options);
}

}  // namespace

int main(int argc, char** argv) {
  std::string command = argc > 1 ? argv[1] : "--help";
  try {
    if (command == "init") return run_init(Arguments(argc, argv));
    if (command == "serve") return run_serve(Arguments(argc, argv));
    if (command == "verify") return run_verify(Arguments(argc, argv));
    if (command == "inspect") {
      if (argc != 4) fail("inspect needs a kind and a file");
      return server::inspect(argv[2], argv[3]);
    }
    if (command == "version" || command == "--version" || command == "-V") {
      std::printf("aegis (AegisDB) %s\n", server::kVersion);
      return 0;
    }
    if (command == "--help" || command == "-h" || command == "help") {
      std::fputs(kUsage, stdout);
      return 0;
    }
    fail(fmt::format("unknown command \"{}\"", command));
  } catch (const std::exception& error) {
    ErrorFields fields = error_fields_of(error);
    std::fprintf(stderr, "aegis: %s\n", fields.message.c_str());
    if (!fields.detail.empty()) std::fprintf(stderr, "DETAIL: %s\n", fields.detail.c_str());
    if (!fields.hint.empty()) std::fprintf(stderr, "HINT: %s\n", fields.hint.c_str());
    return 1;
  }
}

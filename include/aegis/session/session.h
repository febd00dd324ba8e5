// A connection's life behind the socket: authentication, queries, transactions, portals. Bytes go in and come out; who
// moves them is net's business.
//
// run() works on what is in the input until it needs more input, a thread that may block, or the end of a commit. It is
// called by one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "aegis/session/hba.h"
#include "aegis/session/instance.h"

namespace aegis::session {

// The client as a worker sees it. Calls block and come from run(true) only.
class ClientLink {
 public:
  virtual ~ClientLink() = default;
  // Takes the bytes and waits until not too many are unsent. Throws SqlError 08006 when the client is gone.
  virtual void flush(std::string& output) = 0;
  // Sends the output, waits for more input and appends it. Throws SqlError 08006 when the client is gone.
  virtual void wait_input(std::string& output, std::string& input) = 0;
};

enum class RunStatus : uint8_t {
  NeedInput,   // send the output and read
  NeedWorker,  // call run(true) from a thread that may block
  Waiting,     // call run() again when `wake` was called
  Closed,      // send the output and close
};

class Session {
 public:
  class Core;
  // `wake` is called from any thread. `link` outlives the session.
  Session(Instance& instance, ClientAddress address, ClientLink& link, std::function<void()> wake);
  ~Session();

  // Bytes from the client, appended by the caller while run() is not running.
  std::string& input();
  // Bytes for the client, to be taken by the caller while run() is not running.
  std::string& output();
  RunStatus run(bool may_block);

  // The server stops, or an administrator has ended this session: its client is waited for no more. Any thread.
  bool is_ending() const;
  // The client is gone: the next run() undoes what is open and says Closed.
  void client_gone();

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace aegis::session

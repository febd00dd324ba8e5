#pragma once

namespace aegis::txn {
class Backend;
class LockManager;
class Transaction;
class TransactionManager;
class WaitGraph;
}  // namespace aegis::txn

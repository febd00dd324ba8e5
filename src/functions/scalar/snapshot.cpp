// Functions of pg_snapshot and txid_snapshot values, which are texts xmin:xmax:xip,….
#include <charconv>

#include "binding.h"
#include "call.h"
#include "table/list_scan.h"

namespace aegis::functions {
namespace {

std::vector<int64_t> numbers_of(Text snapshot) {
  std::vector<int64_t> numbers;
  const char* at = snapshot.data();
  const char* end = at + snapshot.size();
  while (at < end) {
    int64_t number = 0;
    auto [next, error] = std::from_chars(at, end, number);
    if (error == std::errc()) numbers.push_back(number);
    at = next + 1;
  }
  return numbers;
}

bool is_visible(int64_t id, Text snapshot) {
  auto numbers = numbers_of(snapshot);
  if (id < numbers[0]) return true;
  if (id >= numbers[1]) return false;
  return std::find(numbers.begin() + 2, numbers.end(), id) == numbers.end();
}

std::unique_ptr<SetScan> running(CallContext&, std::span<const Value> arguments) {
  if (arguments[0].is_null) return nullptr;
  auto numbers = numbers_of(arguments[0].text());
  auto scan = std::make_unique<ListScan>();
  for (size_t i = 2; i < numbers.size(); ++i) scan->add({Value::of_i64(numbers[i])});
  return scan;
}

constexpr ScalarBinding kBindings[] = {
    {"pg_snapshot_xmin", kernel<[](Text snapshot) { return numbers_of(snapshot)[0]; }>},
    {"pg_snapshot_xmax", kernel<[](Text snapshot) { return numbers_of(snapshot)[1]; }>},
    {"pg_visible_in_snapshot", kernel<is_visible>},
};
constexpr SetBinding kSets[] = {{"pg_snapshot_xip", running}};

}  // namespace

std::span<const ScalarBinding> snapshot_bindings() { return kBindings; }
std::span<const SetBinding> snapshot_set_bindings() { return kSets; }

}  // namespace aegis::functions
